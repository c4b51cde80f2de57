/** Compares what AWS gives now with what it gave before, and joins the two: what can not be read keeps its last value. */
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import { SERVICES } from '../contract/services.ts';
import { foundName, isPinned, type Source, sourceKey } from '../contract/source.ts';
import type { Failure } from '../errors.ts';
import type { Fetched } from '../fetch/results.ts';
import { lenientKeys } from '../plan/leniency.ts';
import type { Plan } from '../plan/plan.ts';
import type { Secret } from '../secret.ts';

/** The last good value of everything. */
export type Known = Pick<Fetched, 'values' | 'absent' | 'found'>;

/** An object whose value is another one now. It never holds the value. */
export type Change = {
  readonly name: string;
  readonly region: string | undefined;
  /** The versions' ids or numbers. The old one is undefined if the object is new. */
  readonly from: string | undefined;
  readonly to: string | undefined;
};

export type Joined = {
  readonly known: Known;
  readonly changes: readonly Change[];
  /** Everything that could not be read, also if its last value stands in. */
  readonly failures: readonly Failure[];
  /** False if something has neither a value nor a last one, so that the files can not be made. */
  readonly complete: boolean;
};

/**
 * Returns the plan without the versions that are pinned and known: a version's value does not change. A pinned version of which
 * nothing is known is asked for.
 */
export function withoutPinned(plan: Plan, known: Known | undefined): Plan {
  const isAsked = (source: Source) => !isPinned(source) || known?.values.has(sourceKey(source)) !== true;
  const batches = plan.batches.map((batch) => ({ ...batch, sources: batch.sources.filter(isAsked) }));
  return { ...plan, batches: batches.filter(({ sources }) => sources.length > 0) };
}

/** Returns what was known before, without what the searches do not find any more; undefined if they find all of it. */
export function withoutLost(before: Known, { found }: Pick<Fetched, 'found'>): Known | undefined {
  let isLess = false;
  const kept = [...before.found].map(([index, old]) => {
    const entries = [...old].filter(([key]) => found.get(index)?.has(key) !== false);
    isLess ||= entries.length < old.size;
    return [index, new Map(entries)] as const;
  });
  return isLess ? { ...before, found: new Map(kept) } : undefined;
}

/** Joins what was fetched with what was known before; undefined if nothing was. */
export function join(config: InjectorConfig, before: Known | undefined, fetched: Fetched): Joined {
  const objects = joinObjects(config, before, fetched);
  const searches = joinSearches(config, before, fetched);
  const { values, absent } = objects;
  const lenient = lenientKeys(config);
  const keys = config.objects.map(sourceKey);
  const complete =
    keys.every((key) => values.has(key) || (absent.has(key) && lenient.has(key))) &&
    (config.searches ?? []).every((_, index) => searches.found.has(index));
  const unreadable = [...absent].flatMap(([key, failure]) => (lenient.has(key) ? [] : [failure]));
  return {
    known: { values, absent, found: searches.found },
    changes: before === undefined ? [] : [...objects.changes, ...searches.changes],
    failures: [...fetched.failures, ...unreadable, ...objects.failures, ...searches.failures],
    complete,
  };
}

function joinObjects(config: InjectorConfig, before: Known | undefined, fetched: Fetched) {
  const values = new Map([...(before?.values ?? []), ...fetched.values]);
  const lost = [...fetched.absent].filter(([key]) => values.has(key));
  const absent = new Map([...(before?.absent ?? []), ...fetched.absent].filter(([key]) => !values.has(key)));
  const named = new Map(config.objects.map((object) => [sourceKey(object), object.name]));
  const changes = [...named].flatMap(([key, name]) => changeOf(name, before?.values.get(key), values.get(key)));
  return { values, absent, changes, failures: lost.map(([, failure]) => failure) };
}

function joinSearches({ searches = [] }: InjectorConfig, before: Known | undefined, fetched: Fetched) {
  const found = new Map<number, ReadonlyMap<string, Secret>>();
  const changes: Change[] = [];
  const failures: Failure[] = [];
  for (const [index, search] of searches.entries()) {
    const old = before?.found.get(index);
    const now = fetched.found.get(index);
    const entries = now === undefined ? old : withLost(search, old, now);
    if (entries === undefined) continue;
    found.set(index, entries);
    const lost = now === undefined ? [] : [...entries.keys()].filter((key) => !now.has(key));
    failures.push(...lost.map((key) => lostFailure(foundName(search, key))));
    for (const [key, value] of entries) changes.push(...changeOf(foundName(search, key), old?.get(key), value));
  }
  return { found, changes, failures };
}

/**
 * Returns what a search found, and what it found before and does not any more. It returns the first alone if both together
 * would be more than a search may find: else objects that come and go would fill the memory.
 */
function withLost(
  { service }: ConfigSearch,
  old: ReadonlyMap<string, Secret> | undefined,
  now: ReadonlyMap<string, Secret>,
): ReadonlyMap<string, Secret> {
  const entries = new Map([...(old ?? []), ...now]);
  const bytes = [...entries].reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
  return bytes > SERVICES[service].searchBytes ? now : entries;
}

function lostFailure(name: string): Failure {
  return { code: 'ASI_AWS_NOT_FOUND', subject: name, headline: `${name} is not found any more.` };
}

/**
 * Returns the change between two values of one object, if there is one. Another version with the same bytes is none. The same
 * version with other bytes is one: a parameter that was deleted and made anew has the version 1 again.
 */
function changeOf(name: string, before: Secret | undefined, after: Secret | undefined): Change[] {
  if (after === undefined || isSameValue(before, after)) return [];
  return [{ name, region: after.origin?.region, from: before?.origin?.version, to: after.origin?.version }];
}

/** Returns whether there was a value before, with the same bytes. */
export function isSameValue(before: Secret | undefined, after: Secret): boolean {
  return before === after || (before !== undefined && Buffer.from(before.reveal()).equals(after.reveal()));
}

/** Joins what was fetched with what was known before, so that files can be made of it: what is in their way keeps its last value. */
import type { InjectorConfig } from '../contract/config.ts';
import type { Failure } from '../errors.ts';
import type { Fetched } from '../fetch/results.ts';
import { render } from '../render/render.ts';
import type { Secret } from '../secret.ts';
import { nameFailures } from '../write/publish.ts';
import { isSameValue, type Joined, join, type Known, withoutLost } from './change.ts';

/** The most renderings of one look that find the values which can not be rendered. The next look begins with others. */
const MOST_RENDERINGS = 32;

/** A new value: that of an object by its {@link sourceKey}, or of a search by its index and the key of what it found. */
type News = { readonly search?: number; readonly key: string };

/**
 * Joins what was fetched with what was known. If no files can be made of all, what the searches do not find any more goes: a
 * parameter that became a folder would stand in the way of what is below it. If that does not help, new values keep their last
 * ones, and the failures of all are part of the result. `random`, of at least 0 and less than 1, chooses the new value that is
 * tried first.
 */
export function joinFitting(
  config: InjectorConfig,
  known: Known | undefined,
  fetched: Fetched,
  random: number,
): Joined {
  const all = join(config, known, fetched);
  if (known === undefined || all.changes.length === 0) return all;
  const failures = failuresOf(config, all);
  if (failures.length === 0) return all;
  const rest = withoutLost(known, fetched);
  const found = rest && join(config, rest, fetched);
  if (found && failuresOf(config, found).length === 0) return found;
  const ordered = newsIn(fetched, known);
  const first = Math.floor(random * ordered.length);
  const news = [...ordered.slice(first), ...ordered.slice(0, first)];
  const most = (before: Known) => {
    const joinOnly = (some: readonly News[]) => join(config, before, only(some, fetched, known));
    let renderings = 0;
    const mostRenderings = rest ? MOST_RENDERINGS / 2 : MOST_RENDERINGS;
    const accepted = fittingHalves(news, [], (some) => {
      renderings += 1;
      return renderings <= mostRenderings && failuresOf(config, joinOnly(some)).length === 0;
    });
    return { accepted, joined: joinOnly(accepted) };
  };
  const [kept, gone] = [most(known), rest && most(rest)];
  const { joined } = gone && gone.accepted.length > kept.accepted.length ? gone : kept;
  return { ...joined, failures: [...joined.failures, ...failures] };
}

/** Returns `accepted` and as many of the news as fit with it: it tries all at once, and each half of what does not fit. */
function fitting(
  news: readonly News[],
  accepted: readonly News[],
  fits: (news: readonly News[]) => boolean,
): readonly News[] {
  const all = [...accepted, ...news];
  if (news.length === 0 || fits(all)) return all;
  return news.length === 1 ? accepted : fittingHalves(news, accepted, fits);
}

/** Returns `accepted` and as many of the news as fit with it, which do not fit all at once. */
function fittingHalves(
  news: readonly News[],
  accepted: readonly News[],
  fits: (news: readonly News[]) => boolean,
): readonly News[] {
  const middle = news.length >> 1;
  return fitting(news.slice(middle), fitting(news.slice(0, middle), accepted, fits), fits);
}

function failuresOf(config: InjectorConfig, { known }: Joined): readonly Failure[] {
  const { failures, files } = render(config, known);
  return [...failures, ...nameFailures(files)];
}

function newsIn({ values, found }: Fetched, known: Known): News[] {
  const changed = (now: ReadonlyMap<string, Secret>, before: ReadonlyMap<string, Secret> | undefined) =>
    [...now].filter(([key, value]) => !isSameValue(before?.get(key), value)).map(([key]) => ({ key }));
  const ofSearches = [...found].flatMap(([search, now]) =>
    changed(now, known.found.get(search)).map(({ key }) => ({ search, key })),
  );
  return [...changed(values, known.values), ...ofSearches];
}

/** Returns what was fetched, with the last value, if there is one, in place of each new one that is not among the news. */
function only(news: readonly News[], fetched: Fetched, known: Known): Fetched {
  const kept = (search: number | undefined) =>
    new Set(news.filter((each) => each.search === search).map(({ key }) => key));
  const mix = (now: ReadonlyMap<string, Secret>, before: ReadonlyMap<string, Secret> | undefined, keys: Set<string>) =>
    new Map(
      [...now].flatMap(([key, value]) => {
        const chosen = keys.has(key) ? value : before?.get(key);
        return chosen === undefined ? [] : [[key, chosen] as const];
      }),
    );
  return {
    ...fetched,
    values: mix(fetched.values, known.values, kept(undefined)),
    found: new Map(
      [...fetched.found].map(([search, now]) => [search, mix(now, known.found.get(search), kept(search))]),
    ),
  };
}

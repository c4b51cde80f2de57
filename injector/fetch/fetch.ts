/** Runs the plan: makes all requests at the same time, and collects every failure. No failure stops the other requests. */
import type { Ask } from '../aws/calls.ts';
import { factsOf, RegionError, verdictOf } from '../aws/error.ts';
import { inRegions, type Which } from '../aws/pair.ts';
import type { ServiceName } from '../contract/services.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import { explainFetch, type FetchError } from '../explain/explain.ts';
import { type Batch, isInTurn } from '../plan/batch.ts';
import { loadPatterns } from '../plan/patterns.ts';
import type { Plan } from '../plan/plan.ts';
import { Secret } from '../secret.ts';
import { CATALOGUE } from '../services/catalogue.ts';
import { type Answer, MissingError, type Wanted } from '../services/service.ts';
import { type Prefetch, type Prefetched, startPrefetch } from './prefetch.ts';
import { createResults, type Fetched, type Results } from './results.ts';
import { fetchSearch, type SearchRun } from './search.ts';

export type FetchOptions = SearchRun & {
  /** Returns what is declared of the value and missing in it. It is used to decide between two regions. */
  readonly problems: (key: string, value: Secret) => readonly unknown[];
};

type Context = FetchOptions & { readonly plan: Plan; readonly results: Results; readonly prefetch: Prefetch };

/**
 * Returns everything that the plan and the searches ask for. A failure is part of the result: it never rejects because of one.
 */
export async function fetchAll(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const results = createResults(plan, options.config);
  await loadPatterns(options.config);
  const context: Context = { ...options, plan, results, prefetch: startPrefetch(plan.prefetch, options) };
  await Promise.all([
    ...plan.batches.map((batch) => fetchBatch(batch, context)),
    ...(options.config.searches ?? []).map((search, index) => fetchSearch(search, index, context)),
  ]);
  return results.fetched();
}

async function fetchBatch(batch: Batch, context: Context): Promise<void> {
  const { service, region, failoverRegion, sources } = batch;
  const { config, plan, results } = context;
  const prefetched = prefetchedOnce(batch, context.prefetch);
  const asked = new Set<Which>();
  const countCall = (which: Which) => {
    results.countCall(sources, asked.has(which));
    asked.add(which);
  };
  try {
    const { answer, from } = await inRegions<Answer>(
      {
        region,
        failoverRegion,
        inTurn: isInTurn(sources, config),
        askRegion: async (ask, which) => {
          const wanted = sources.map((source) => wantedOf(source, which, plan));
          const early = await prefetched(wanted, which);
          return read({ ask, service, wanted, prefetched: early, onCall: () => countCall(which) });
        },
        isFlawed: ({ values }) => [...values].some(([key, value]) => context.problems(key, value).length > 0),
        onFailure: (error) => reportAll(sources, error, context),
      },
      context,
    );
    results.keep(sources, answer, from === 'failover' ? (failoverRegion ?? region) : region);
    if (from === 'failover') warnOfFailover(batch, context);
  } catch (error) {
    if (!(error instanceof RegionError || error instanceof AggregateError)) throw error;
    await conclude(batch, error, context);
  }
}

/** Returns a function that gives the prefetched value once in each region: another try of the object needs a new value. */
function prefetchedOnce({ region, failoverRegion }: Batch, prefetch: Prefetch) {
  const used = new Set<Which>();
  return async ([wanted, ...others]: readonly Wanted[], which: Which): Promise<Prefetched> => {
    if (wanted === undefined || others.length > 0 || used.has(which)) return undefined;
    used.add(which);
    return prefetch(which === 'failover' ? (failoverRegion ?? region) : region, failoverRegion !== undefined, wanted);
  };
}

function wantedOf(source: Source, which: Which, { lenient }: Plan): Wanted {
  const { name, version, label } = which === 'failover' ? (source.failover ?? source) : source;
  const key = sourceKey(source);
  return { key, service: source.service, name, version, label, lenient: lenient.has(key) };
}

type Reading = {
  readonly ask: Ask;
  readonly service: ServiceName;
  readonly wanted: readonly Wanted[];
  readonly prefetched: Prefetched;
  /** Is called before each request, and for the request of a prefetch that had a result. */
  readonly onCall: () => void;
};

/** Reads the objects in one region. If all objects that are missing may be missing, that is an answer and no error. */
async function read({ ask, service, wanted, prefetched, onCall }: Reading): Promise<Answer> {
  if (prefetched !== undefined) onCall();
  if (prefetched instanceof Secret) {
    return { values: new Map(wanted.map(({ key }) => [key, prefetched])), missing: new Map() };
  }
  let firstError = prefetched;
  try {
    return await ask(async (clients) => {
      const error = firstError;
      firstError = undefined;
      if (error !== undefined) throw error;
      const module = await CATALOGUE[service].load();
      onCall();
      return module.read(clients, wanted);
    });
  } catch (error) {
    const cause = error instanceof RegionError ? error.cause : undefined;
    if (cause instanceof MissingError && cause.name === 'OptionalMissing') return cause.answer;
    throw error;
  }
}

/**
 * Records what a failed batch means for its objects. If the batch was refused, it reads each object alone to find the reason.
 */
async function conclude(batch: Batch, error: FetchError, context: Context): Promise<void> {
  const { sources } = batch;
  const { results } = context;
  if (sources.length > 1 && isRefused(error)) {
    await Promise.all(sources.map((source) => fetchBatch({ ...batch, sources: [source] }, context)));
  } else if (error instanceof RegionError && error.cause instanceof MissingError) {
    results.keep(sources, error.cause.answer, error.region);
  } else {
    for (const source of sources) results.fail(source, error);
  }
}

/** Returns whether a region refused the batch, and another try of it can not help. */
function isRefused(error: FetchError): boolean {
  const errors = error instanceof RegionError ? [error] : error.errors;
  return verdictOf(error) === 'never' && errors.some((each) => factsOf(each).name === 'BatchRefused');
}

/** Reports a failed try for each object that it concerns. A refused batch concerns none yet: each object is read alone next. */
function reportAll(sources: readonly Source[], error: RegionError, { config, report }: Context): void {
  if (factsOf(error).name === 'BatchRefused') return;
  const missing = error.cause instanceof MissingError ? error.cause.answer.missing : undefined;
  for (const source of sources) {
    const key = sourceKey(source);
    if (missing === undefined || missing.has(key))
      report(`${key} ${error.region}`, () => explainFetch(source, error, config));
  }
}

function warnOfFailover({ region, failoverRegion, sources }: Batch, { warn }: Context): void {
  for (const { name } of sources) warn(`${name} comes from ${failoverRegion}: ${region} could not give it.`);
}

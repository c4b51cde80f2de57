/** Runs the plan: everything at once but a few requests in flight, every failure collected, none ends the others. */
import type { Ask } from '../aws/calls.ts';
import { factsOf, judge, RegionError } from '../aws/error.ts';
import { inRegions } from '../aws/pair.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import { explainFetch, type FetchError } from '../explain/explain.ts';
import type { Plan } from '../plan/plan.ts';
import { type Batch, isInTurn } from '../plan/source.ts';
import { Secret } from '../secret.ts';
import { type Answer, askParameters, askSecret, MissingError, type Wanted } from './ask.ts';
import { createResults, type Fetched, type Results } from './results.ts';
import { fetchSearch, type SearchOptions } from './search.ts';
import { askTogether, type Known, type Together } from './together.ts';

export type FetchOptions = SearchOptions & {
  /** Of a pair: what is declared of the value and not in it. */
  readonly problems: (key: string, value: Secret) => readonly unknown[];
};

type Context = FetchOptions & { readonly plan: Plan; readonly results: Results; readonly together: Together };

/** Fetches every source of the plan and every search once. Never rejects because of one: its failure is in the result. */
export async function fetchAll(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const results = createResults(plan, options.config);
  const context: Context = { ...options, plan, results, together: askTogether(plan.together, options) };
  await Promise.all([
    ...[...plan.secrets, ...plan.parameters].map((batch) => fetchBatch(batch, context)),
    ...(options.config.searches ?? []).map((search, index) => fetchSearch(search, index, context)),
  ]);
  return results.fetched();
}

async function fetchBatch(batch: Batch, context: Context): Promise<void> {
  const { region, failoverRegion, sources } = batch;
  const { config, plan, results } = context;
  const known = knownOnce(batch, context.together);
  try {
    const { answer, from } = await inRegions<Answer>(
      {
        region,
        failoverRegion,
        inTurn: isInTurn(sources, config),
        askRegion: async (ask, which) => {
          const wanted = sources.map((source) => wantedOf(source, which, plan));
          return put(ask, wanted, await known(wanted, which));
        },
        isFlawed: ({ values }) => [...values].some(([key, value]) => context.problems(key, value).length > 0),
        onFailure: (error) => tellAll(sources, error, context),
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

/** What has been asked for together is known once, in each region: who asks again wants it anew. */
function knownOnce({ region, failoverRegion }: Batch, together: Together) {
  const told = new Set<string>();
  return async (wanted: readonly Wanted[], which: 'primary' | 'failover'): Promise<Known> => {
    if (!isSecret(wanted) || told.has(which)) return undefined;
    told.add(which);
    const place = which === 'failover' ? (failoverRegion ?? region) : region;
    return together(place, failoverRegion !== undefined, wanted[0]);
  };
}

function wantedOf(source: Source, which: 'primary' | 'failover', { lenient }: Plan): Wanted {
  const { name, version, label } = which === 'failover' ? (source.failover ?? source) : source;
  const key = sourceKey(source);
  return { key, service: source.service, name, version, label, lenient: lenient.has(key) };
}

/** What may be missing and is, is an answer. */
async function put(ask: Ask, wanted: readonly Wanted[], known: Known): Promise<Answer> {
  if (known instanceof Secret) {
    return { values: new Map(wanted.map(({ key }) => [key, known])), missing: new Map() };
  }
  let trouble = known;
  try {
    return await ask(async (clients) => {
      const first = trouble;
      trouble = undefined;
      if (first !== undefined) throw first;
      return isSecret(wanted) ? askSecret(clients, wanted[0]) : askParameters(clients, wanted);
    });
  } catch (error) {
    const cause = error instanceof RegionError ? error.cause : undefined;
    if (cause instanceof MissingError && cause.name === 'OptionalMissing') return cause.answer;
    throw error;
  }
}

function isSecret(wanted: readonly Wanted[]): wanted is readonly [Wanted] {
  return wanted[0]?.service === 'secretsmanager';
}

/** What a failed batch means for its members: some were not there, or each is asked alone to see which is refused. */
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

/** Refused as a batch in one region at least, and nothing is left to wait for. */
function isRefused(error: FetchError): boolean {
  const errors = error instanceof RegionError ? [error] : error.errors;
  return judge(error) === 'hopeless' && errors.some((each) => factsOf(each).name === 'BatchRefused');
}

/** A batch that is refused is not yet anybody's failure. */
function tellAll(sources: readonly Source[], error: RegionError, { config, tell }: Context): void {
  if (factsOf(error).name === 'BatchRefused') return;
  const missing = error.cause instanceof MissingError ? error.cause.answer.missing : undefined;
  for (const source of sources) {
    const key = sourceKey(source);
    if (missing === undefined || missing.has(key))
      tell(`${key} ${error.region}`, () => explainFetch(source, error, config));
  }
}

function warnOfFailover({ region, failoverRegion, sources }: Batch, { warn }: Context): void {
  for (const { name } of sources) warn(`${name} comes from ${failoverRegion}: ${region} could not give it.`);
}

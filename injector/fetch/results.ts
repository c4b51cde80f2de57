/** Collects what has been fetched and what has failed. A failure that has one cause for many objects is recorded once. */
import { isAbsence, RegionError } from '../aws/error.ts';
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import type { Failure } from '../errors.ts';
import { explainCredentials } from '../explain/credentials.ts';
import { explainFetch, explainSearch, type FetchError } from '../explain/explain.ts';
import type { Plan } from '../plan/plan.ts';
import type { Secret } from '../secret.ts';
import type { Answer } from '../services/service.ts';

/** The values that AWS gave, and an explained failure for each that it did not give. */
export type Fetched = {
  /** The values by {@link sourceKey}. */
  readonly values: ReadonlyMap<string, Secret>;
  /** The objects that do not exist, by {@link sourceKey}. Each is a failure unless all of its outputs are lenient. */
  readonly absent: ReadonlyMap<string, Failure>;
  /**
   * The values of each search, by its index in the configuration and then by key: the name of the parameter below the path, or
   * the name of the secret.
   */
  readonly found: ReadonlyMap<number, ReadonlyMap<string, Secret>>;
  readonly failures: readonly Failure[];
  /** The requests for each object by {@link sourceKey}. An object is missing if AWS was never asked for it. */
  readonly requests: ReadonlyMap<string, Requests>;
};

/** Says how often AWS was asked for an object. A request for many objects counts for each of them. */
type Requests = {
  readonly calls: number;
  /** Counts the calls that repeated an earlier one in the same region, as that had failed. */
  readonly retries: number;
};

export type Results = {
  /** Counts one request for the objects. */
  countCall(sources: readonly Source[], isRetry: boolean): void;
  /** Records the values of an answer, and the objects that the region does not have. */
  keep(sources: readonly Source[], answer: Answer, region: string): void;
  fail(source: Source, error: FetchError): void;
  keepFound(index: number, found: ReadonlyMap<string, Secret>): void;
  failSearch(search: ConfigSearch, index: number, error: FetchError): void;
  fetched(): Fetched;
};

/** Creates empty results. `fetched` returns the failures in the order of the plan, those of searches last. */
export function createResults(plan: Plan, config: InjectorConfig): Results {
  const values = new Map<string, Secret>();
  const absent = new Map<string, Failure>();
  const found = new Map<number, ReadonlyMap<string, Secret>>();
  const requests = new Map<string, Requests>();
  const failures = new Map<string, { readonly order: number; readonly failure: Failure }>();
  const order = plan.batches.flatMap(({ sources }) => sources);
  const record = (key: string, position: number, failure: Failure) => {
    if (position < (failures.get(key)?.order ?? Number.POSITIVE_INFINITY))
      failures.set(key, { order: position, failure });
  };
  /** Records missing credentials as one failure of the region, and returns whether the error was about them. */
  const recordCredentials = (error: FetchError, position: number): boolean => {
    const errors: RegionError[] = error instanceof RegionError ? [error] : error.errors;
    if (errors.some(({ step }) => step === 'request')) return false;
    for (const each of errors) {
      const key = each.step === 'pod-identity' ? each.step : `${each.step} ${each.region}`;
      record(key, position, explainCredentials(each, config));
    }
    return true;
  };
  return {
    countCall: (sources, isRetry) => {
      for (const key of sources.map(sourceKey)) {
        const { calls, retries } = requests.get(key) ?? { calls: 0, retries: 0 };
        requests.set(key, { calls: calls + 1, retries: retries + (isRetry ? 1 : 0) });
      }
    },
    keep: (sources, answer, region) => {
      for (const source of sources) {
        const key = sourceKey(source);
        const value = answer.values.get(key);
        const missing = answer.missing.get(key);
        if (value !== undefined) values.set(key, value);
        if (missing === undefined) continue;
        absent.set(key, explainFetch(source, new RegionError(region, 'request', missing), config));
      }
    },
    fail: (source, error) => {
      const key = sourceKey(source);
      const position = order.indexOf(source);
      if (recordCredentials(error, position)) return;
      const failure = explainFetch(source, error, config);
      if (isAbsence(error)) absent.set(key, failure);
      else record(key, position, failure);
    },
    keepFound: (index, values) => {
      found.set(index, values);
    },
    failSearch: (search, index, error) => {
      const position = order.length + index;
      if (!recordCredentials(error, position))
        record(`search ${index}`, position, explainSearch(search, error, config));
    },
    fetched: () => ({
      values,
      absent,
      found,
      requests,
      failures: [...failures.values()].sort((a, b) => a.order - b.order).map(({ failure }) => failure),
    }),
  };
}

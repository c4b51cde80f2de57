/** What has been fetched so far, and what has failed: one entry for each thing that people can change. */
import { isAbsence, RegionError } from '../aws/error.ts';
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import type { Failure } from '../errors.ts';
import { explainCredentials } from '../explain/credentials.ts';
import { explainFetch, explainSearch, type FetchError } from '../explain/explain.ts';
import type { Plan } from '../plan/plan.ts';
import type { Secret } from '../secret.ts';
import type { Answer } from './ask.ts';

/** What AWS gave, and what it did not, already explained. */
export type Fetched = {
  /** By {@link sourceKey}. */
  readonly values: ReadonlyMap<string, Secret>;
  /** What AWS says does not exist, by {@link sourceKey}: a failure unless all its outputs are lenient. */
  readonly absent: ReadonlyMap<string, Failure>;
  /** By index into the configuration's searches, then by key: the name below the path, or the secret's name. */
  readonly found: ReadonlyMap<number, ReadonlyMap<string, Secret>>;
  readonly failures: readonly Failure[];
};

export type Results = {
  /** What a region gave, and what it has not. */
  keep(sources: readonly Source[], answer: Answer, region: string): void;
  fail(source: Source, error: FetchError): void;
  keepFound(index: number, found: ReadonlyMap<string, Secret>): void;
  failSearch(search: ConfigSearch, index: number, error: FetchError): void;
  fetched(): Fetched;
};

/** Empty at first. The failures come in the order of the plan, searches last. */
export function createResults(plan: Plan, config: InjectorConfig): Results {
  const values = new Map<string, Secret>();
  const absent = new Map<string, Failure>();
  const found = new Map<number, ReadonlyMap<string, Secret>>();
  const failures = new Map<string, { readonly order: number; readonly failure: Failure }>();
  const order = [...plan.secrets, ...plan.parameters].flatMap(({ sources }) => sources);
  const record = (key: string, position: number, failure: Failure) => {
    if (position < (failures.get(key)?.order ?? Number.POSITIVE_INFINITY))
      failures.set(key, { order: position, failure });
  };
  /** Without credentials nothing of a region works: that is one failure. */
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
      failures: [...failures.values()].sort((a, b) => a.order - b.order).map(({ failure }) => failure),
    }),
  };
}

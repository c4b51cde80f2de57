/** Finds objects whose names only AWS knows, in one region, or in the second where the first one fails. */
import type { Ask } from '../aws/calls.ts';
import { RegionError } from '../aws/error.ts';
import { inRegions, type PairOptions } from '../aws/pair.ts';
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import type { Failure } from '../errors.ts';
import { explainSearch } from '../explain/explain.ts';
import type { Secret } from '../secret.ts';
import type { Results } from './results.ts';
import { parametersBelow } from './search-parameters.ts';
import { secretsWith } from './search-secrets.ts';

export type SearchOptions = PairOptions & {
  readonly config: InjectorConfig;
  /** Hears of every failed try, by what it is about. */
  readonly tell: (about: string, explain: () => Failure) => void;
  readonly warn: (message: string) => void;
};

type Context = SearchOptions & { readonly results: Results };

/** Runs one search. Never rejects because of it: its failure is in the results. */
export async function fetchSearch(search: ConfigSearch, index: number, context: Context): Promise<void> {
  const { config, results, tell, warn, clock, deadline } = context;
  const { region = config.region, failoverRegion } = search;
  const optional = isOptional(search);
  const remaining = () => deadline - clock.now();
  const find = (ask: Ask): Promise<Map<string, Secret>> =>
    search.service === 'ssm'
      ? parametersBelow(search.path, { ask, optional, remaining })
      : secretsWith(search, { ask, optional, remaining, warn });
  try {
    const { answer } = await inRegions(
      {
        region,
        failoverRegion,
        inTurn: true,
        askRegion: find,
        isFlawed: () => false,
        onFailure: (error) => tell(`search ${index} ${error.region}`, () => explainSearch(search, error, config)),
      },
      context,
    );
    results.keepFound(index, answer);
  } catch (error) {
    if (!(error instanceof RegionError || error instanceof AggregateError)) throw error;
    results.failSearch(search, index, error);
  }
}

/** Whether all that it is for is content with nothing. */
function isOptional(search: ConfigSearch): boolean {
  const outputs = [...(search.folders ?? []), ...(search.service === 'ssm' ? (search.expansions ?? []) : [])];
  return outputs.length > 0 && outputs.every(({ optional }) => optional === true);
}

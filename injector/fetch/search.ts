/** Finds objects whose names only AWS knows, in one region, or in the second one if the first one fails. */
import { RegionError } from '../aws/error.ts';
import { inRegions, type PairOptions } from '../aws/pair.ts';
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import type { Failure } from '../errors.ts';
import { explainSearch } from '../explain/explain.ts';
import { CATALOGUE } from '../services/catalogue.ts';
import type { Results } from './results.ts';

export type SearchRun = PairOptions & {
  readonly config: InjectorConfig;
  /** Reports a failed try. `subject` names what the try was for; repeated failures of one subject are reported once. */
  readonly report: (subject: string, explain: () => Failure) => void;
  readonly warn: (message: string) => void;
};

type Context = SearchRun & { readonly results: Results };

/** Runs one search and puts what it finds, or its failure, into the results. Never rejects because of a failure. */
export async function fetchSearch(search: ConfigSearch, index: number, context: Context): Promise<void> {
  const { config, results, report, warn, clock, deadline } = context;
  const { region = config.region, failoverRegion } = search;
  const optional = isOptional(search);
  const remaining = () => deadline - clock.now();
  const service = await CATALOGUE[search.service].load();
  try {
    const { answer } = await inRegions(
      {
        region,
        failoverRegion,
        inTurn: true,
        askRegion: (ask) => service.search(search, { ask, optional, remaining, warn }),
        isFlawed: () => false,
        onFailure: (error) => report(`search ${index} ${error.region}`, () => explainSearch(search, error, config)),
      },
      context,
    );
    results.keepFound(index, answer);
  } catch (error) {
    if (!(error instanceof RegionError || error instanceof AggregateError)) throw error;
    results.failSearch(search, index, error);
  }
}

/** Returns whether every output of the search may be left out if the search finds nothing. */
function isOptional(search: ConfigSearch): boolean {
  const outputs = [...(search.folders ?? []), ...(search.expansions ?? [])];
  return outputs.length > 0 && outputs.every(({ optional }) => optional === true);
}

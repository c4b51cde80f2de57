/** Reads many current values with few requests, before each object is read with its own request. */
import type { Calls } from '../aws/calls.ts';
import type { Clients } from '../aws/clients.ts';
import { factsOf, isThrottling, verdictOf } from '../aws/error.ts';
import { SERVICES } from '../contract/services.ts';
import { isCurrent } from '../contract/source.ts';
import { oneLine } from '../contract/text.ts';
import type { Group } from '../plan/prefetch.ts';
import type { Secret } from '../secret.ts';
import { CATALOGUE } from '../services/catalogue.ts';
import type { Wanted } from '../services/service.ts';

/** A value, an error that counts as a try of the object itself, or undefined if the object has to be read on its own. */
export type Prefetched = Secret | Error | undefined;

/** Returns the result for one object, after the request that its group makes. `pair`: the region is one of two. Never rejects. */
export type Prefetch = (region: string, pair: boolean, wanted: Wanted) => Promise<Prefetched>;

type Options = { readonly calls: Calls; readonly warn: (message: string) => void };

type Values = ReadonlyMap<string, Secret>;

const NOTHING: Values = new Map();

/**
 * Starts one request for each group, all at the same time. A group that fails never fails an object: each one is then read on
 * its own. A region that refuses one group is not asked for the others.
 */
export function startPrefetch(groups: readonly Group[], { calls, warn }: Options): Prefetch {
  const refused = new Set<string>();
  const read = async (clients: Clients, { service, region, names }: Group): Promise<Values | Error> => {
    const { prefetch } = await CATALOGUE[service].load();
    if (prefetch === undefined || refused.has(region)) return NOTHING;
    try {
      return await prefetch.read(clients, names);
    } catch (error) {
      if (error instanceof Error && isOutage(error)) return error;
      if (!refused.has(region)) warn(refusal(`${prefetch.action} is refused in ${region}`, error, service));
      refused.add(region);
      return NOTHING;
    }
  };
  const answers = groups.map((group) => {
    const ask = group.pair ? calls.fewTries(group.region, () => {}) : calls.untilDeadline(group.region, () => {});
    // Without credentials the request for each object fails too, and that is reported.
    return { group, answer: ask((clients) => read(clients, group)).catch(() => NOTHING) };
  });
  return async (region, pair, wanted) => {
    if (!isCurrent(wanted)) return undefined;
    const found = answers.find(
      ({ group }) =>
        group.service === wanted.service &&
        group.region === region &&
        group.pair === pair &&
        group.names.includes(wanted.name),
    );
    const answer = await found?.answer;
    return answer instanceof Error ? answer : answer?.get(wanted.name);
  };
}

/** Returns whether a request for one object would have failed too: the region is at fault, not the request or its rate. */
function isOutage(error: Error): boolean {
  return verdictOf(error) === 'transient' && !isThrottling(factsOf(error));
}

function refusal(what: string, error: unknown, service: Group['service']): string {
  return `${what} (${oneLine(factsOf(error).name, 80)}): the ${SERVICES[service].plural} are read one by one.`;
}

/** Counts the requests that each region gets at the beginning, all at the same time. */
import type { InjectorConfig } from '../contract/config.ts';
import { SERVICE_NAMES, type ServiceName } from '../contract/services.ts';
import { isCurrent } from '../contract/source.ts';
import type { Batch } from './batch.ts';
import type { Plan } from './plan.ts';
import type { Group } from './prefetch.ts';

/** Has the number of requests that each service gets. */
export type Demand = ReadonlyMap<ServiceName, number>;

type Regions = { readonly region?: string | undefined; readonly failoverRegion?: string | undefined };

/**
 * Returns a function that counts the requests of a region, for each service that gets at least one. A search begins with one
 * request. The second region of a pair counts too, although some are only asked when the first region fails.
 */
export function demandOf(plan: Plan, config: InjectorConfig): (region: string) => Demand {
  return (name) => {
    const asks = ({ region = config.region, failoverRegion }: Regions): boolean =>
      region === name || failoverRegion === name;
    const groups = plan.prefetch.filter(({ region }) => region === name);
    const requests = [
      ...groups,
      ...plan.batches.filter((batch) => asks(batch) && !isPrefetched(batch, name, groups)),
      ...(config.searches ?? []).filter(asks),
    ];
    const counts = SERVICE_NAMES.map(
      (service) => [service, requests.filter((request) => request.service === service).length] as const,
    );
    return new Map(counts.filter(([, count]) => count > 0));
  };
}

/** Returns whether the groups of a region hold every object of the batch. */
function isPrefetched({ service, region, failoverRegion, sources }: Batch, name: string, groups: readonly Group[]) {
  const pair = failoverRegion !== undefined;
  return sources.every((source) => {
    const wanted = region === name ? source : (source.failover ?? source);
    const isIn = (group: Group) =>
      group.service === service && group.pair === pair && group.names.includes(wanted.name);
    return isCurrent({ service, ...wanted }) && groups.some(isIn);
  });
}

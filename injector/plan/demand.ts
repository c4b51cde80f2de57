/** What each region is asked at the beginning, all at once. */
import type { InjectorConfig } from '../contract/config.ts';
import { isCurrent } from '../contract/source.ts';
import type { Plan } from './plan.ts';
import type { Batch, Group } from './source.ts';

/** Requests by service. In turn, the second region of a pair is only asked when the first one fails. */
export type Demand = { readonly secrets: number; readonly parameters: number };

/** Of a region. A search begins with one request. */
export function demandOf(plan: Plan, config: InjectorConfig): (region: string) => Demand {
  const searches = config.searches ?? [];
  return (name) => {
    const asks = ({ region, failoverRegion }: Pick<Batch, 'region' | 'failoverRegion'>): boolean =>
      region === name || failoverRegion === name;
    const begins = (service: string): number =>
      searches.filter(
        ({ service: of, region = config.region, failoverRegion }) => of === service && asks({ region, failoverRegion }),
      ).length;
    const groups = plan.together.filter(({ region }) => region === name);
    const alone = plan.secrets.filter((batch) => asks(batch) && !isGrouped(batch, name, groups));
    return {
      secrets: groups.length + alone.length + begins('secretsmanager'),
      parameters: plan.parameters.filter(asks).length + begins('ssm'),
    };
  };
}

/** Whether what the region is asked comes with others. */
function isGrouped({ region, failoverRegion, sources }: Batch, name: string, groups: readonly Group[]): boolean {
  const pair = failoverRegion !== undefined;
  return sources.every((source) => {
    const wanted = region === name ? source : (source.failover ?? source);
    return isCurrent(wanted) && groups.some((group) => group.pair === pair && group.names.includes(wanted.name));
  });
}

/**
 * Decides everything that can be known without the network: which requests are made, each once, and which failures are certain.
 */
import type { InjectorConfig } from '../contract/config.ts';
import { SERVICE_NAMES, SERVICES, type ServiceName } from '../contract/services.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import type { Failure } from '../errors.ts';
import { CATALOGUE } from '../services/catalogue.ts';
import type { Batch } from './batch.ts';
import { lenientKeys } from './leniency.ts';
import { outputFailures } from './outputs.ts';
import { type Group, groupsOf } from './prefetch.ts';

export type Plan = {
  readonly batches: readonly Batch[];
  /** The requests that are made first, and that may make some of the batches unnecessary. */
  readonly prefetch: readonly Group[];
  /** The keys of the sources that may be missing, because every output of theirs allows that. */
  readonly lenient: ReadonlySet<string>;
};

/** Plans the requests, and lists all that is wrong with the regions and the outputs. */
export function plan(config: InjectorConfig): { plan: Plan; failures: Failure[] } {
  const sources = [...new Map(config.objects.map((object) => [sourceKey(object), object])).values()];
  const batches = SERVICE_NAMES.flatMap((service) => batchesOf(service, sources, config));
  return {
    plan: {
      batches,
      prefetch: config.batch === true ? groupsOf(batches, config) : [],
      lenient: lenientKeys(config),
    },
    failures: [...regionFailures(config), ...outputFailures(config)],
  };
}

type Filling = Omit<Batch, 'sources'> & { readonly names: Set<string>; readonly sources: Source[] };

/**
 * Distributes the sources of a service over requests. A source goes into the first request of its regions that has room and
 * does not ask for the same object yet, as AWS takes no request for two versions of one parameter.
 */
function batchesOf(service: ServiceName, sources: readonly Source[], config: InjectorConfig): Batch[] {
  const { readSize } = SERVICES[service];
  const filling: Filling[] = [];
  for (const source of sources) {
    if (source.service !== service) continue;
    const region = source.region ?? config.region;
    const failoverRegion = source.failover?.region;
    const names = [source.name, ...(source.failover === undefined ? [] : [source.failover.name])].map(
      CATALOGUE[service].canonicalName,
    );
    const fits = (batch: Filling) =>
      batch.region === region &&
      batch.failoverRegion === failoverRegion &&
      batch.sources.length < readSize &&
      !names.some((name) => batch.names.has(name));
    let target = filling.find(fits);
    if (target === undefined) {
      target = { service, region, failoverRegion, names: new Set(), sources: [] };
      filling.push(target);
    }
    for (const name of names) target.names.add(name);
    target.sources.push(source);
  }
  return filling.map(({ names: _, ...batch }) => batch);
}

/** Returns a failure in ASCP's words for each object and search whose two regions are the same. */
function regionFailures(config: InjectorConfig): Failure[] {
  const pairs = [
    ...config.objects.map(({ name, region, failover }) => ({ subject: name, region, second: failover?.region })),
    ...(config.searches ?? []).map((search) => ({
      subject: search.service,
      region: search.region,
      second: search.failoverRegion,
    })),
  ];
  return pairs.flatMap(({ subject, region = config.region, second }) => {
    if (second !== region) return [];
    const headline = `${region}: failover region cannot be the same as the primary region`;
    return [{ code: 'ASI_CFG_FAILOVER', subject, headline: `${subject}: ${headline}.` }];
  });
}

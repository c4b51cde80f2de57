/** Decides everything that can be known without the network: what to ask AWS for, once each, and what is wrong already. */
import type { InjectorConfig } from '../contract/config.ts';
import { type Source, sourceKey } from '../contract/source.ts';
import type { Failure } from '../errors.ts';
import { outputFailures } from './outputs.ts';
import { type Batch, bareParameterName, type Group, lenientKeys } from './source.ts';
import { groupsOf } from './together.ts';

export type Plan = {
  /** One GetSecretValue each, for one source. */
  readonly secrets: readonly Batch[];
  /** Of them, what is asked for together first. */
  readonly together: readonly Group[];
  /** One GetParameters each. */
  readonly parameters: readonly Batch[];
  /** Keys of sources that may be missing: every output of theirs is content without. */
  readonly lenient: ReadonlySet<string>;
};

/** GetParameters takes no more names. */
const BATCH_SIZE = 10;

/** Plans the requests, and lists all that is wrong with the regions and the outputs. */
export function plan(config: InjectorConfig): { plan: Plan; failures: Failure[] } {
  const sources = [...new Map(config.objects.map((object) => [sourceKey(object), object])).values()];
  const secrets = sources
    .filter(({ service }) => service === 'secretsmanager')
    .map((source) => ({ ...regionsOf(source, config), sources: [source] }));
  return {
    plan: {
      secrets,
      together: config.batch === true ? groupsOf(secrets, config) : [],
      parameters: batches(
        sources.filter(({ service }) => service === 'ssm'),
        config,
      ),
      lenient: lenientKeys(config),
    },
    failures: [...regionFailures(config), ...outputFailures(config)],
  };
}

function regionsOf({ region, failover }: Source, config: InjectorConfig): Omit<Batch, 'sources'> {
  return { region: region ?? config.region, failoverRegion: failover?.region };
}

type Filling = Omit<Batch, 'sources'> & { readonly names: Set<string>; readonly sources: Source[] };

/** First fit: the first batch of its regions with room and without this parameter; no batch asks for two versions of one. */
function batches(sources: readonly Source[], config: InjectorConfig): Batch[] {
  const filling: Filling[] = [];
  for (const source of sources) {
    const { region, failoverRegion } = regionsOf(source, config);
    const names = [source.name, ...(source.failover === undefined ? [] : [source.failover.name])].map(
      bareParameterName,
    );
    const fits = (batch: Filling) =>
      batch.region === region &&
      batch.failoverRegion === failoverRegion &&
      batch.sources.length < BATCH_SIZE &&
      !names.some((name) => batch.names.has(name));
    let target = filling.find(fits);
    if (target === undefined) {
      target = { region, failoverRegion, names: new Set(), sources: [] };
      filling.push(target);
    }
    for (const name of names) target.names.add(name);
    target.sources.push(source);
  }
  return filling.map(({ names: _, ...batch }) => batch);
}

/** In ASCP's words. */
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

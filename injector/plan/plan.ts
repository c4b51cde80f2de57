/** Decides everything that can be known without the network: what to ask AWS for, once each, and what is wrong already. */
import type { ConfigObject, InjectorConfig } from '../config.ts';
import type { Failure } from '../errors.ts';
import { outputFailures } from './outputs.ts';

/** One thing to fetch, whatever number of files and variables come from it. */
export type Source = Pick<ConfigObject, 'service' | 'name' | 'version' | 'label' | 'region' | 'failover'>;

/** What one request asks for, in one region or in each of two. */
export type Batch = {
  readonly region: string;
  readonly failoverRegion: string | undefined;
  readonly sources: readonly Source[];
};

export type Plan = {
  /** One GetSecretValue each, for one source. */
  readonly secrets: readonly Batch[];
  /** One GetParameters each. */
  readonly parameters: readonly Batch[];
  /** Keys of sources that may be missing: every output of theirs is content without. */
  readonly lenient: ReadonlySet<string>;
};

/** GetParameters takes no more names. */
const BATCH_SIZE = 10;

/** Equal sources have equal keys. */
export function sourceKey({ service, region, name, version, label, failover }: Source): string {
  const second = failover && [failover.region, failover.name, failover.version ?? null, failover.label ?? null];
  return JSON.stringify([service, region ?? null, name, version ?? null, label ?? null, second ?? null]);
}

/**
 * A parameter's name without ARN, selector and leading slash: what an answer can be matched by, as AWS names the parameter
 * and not the request.
 */
export function bareParameterName(name: string): string {
  const path = name.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:parameter/, '');
  return path.replace(/:.*$/s, '').replace(/^\//, '');
}

/** Plans the requests, and lists all that is wrong with the regions and the outputs. */
export function plan(config: InjectorConfig): { plan: Plan; failures: Failure[] } {
  const sources = [...new Map(config.objects.map((object) => [sourceKey(object), object])).values()];
  return {
    plan: {
      secrets: sources
        .filter(({ service }) => service === 'secretsmanager')
        .map((source) => ({ ...regionsOf(source, config), sources: [source] })),
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

type Leniency = { readonly optional?: true | undefined; readonly default?: string | undefined };

/** Keys of the sources that may be missing. A source without outputs is none of them. */
export function lenientKeys(config: InjectorConfig): Set<string> {
  const placeholders = (config.templates ?? []).flatMap(({ parts }) =>
    parts.filter((part) => typeof part !== 'string'),
  );
  const strict = new Set<string>();
  for (const [index, object] of config.objects.entries()) {
    const { files = [], folders = [], variables = [], expansions = [], environment = [] } = object;
    const own = placeholders.filter((part) => part.object === index);
    const outputs: Leniency[] = [...files, ...folders, ...variables, ...expansions, ...environment, ...own];
    if (outputs.length === 0 || outputs.some(isStrict)) strict.add(sourceKey(object));
  }
  return new Set(config.objects.map(sourceKey).filter((key) => !strict.has(key)));
}

function isStrict(output: Leniency): boolean {
  return output.optional !== true && output.default === undefined;
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

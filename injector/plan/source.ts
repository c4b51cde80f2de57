/** What there is to fetch: what makes two objects one, what AWS calls it, and whether it may be missing. */
import type { ConfigObject, InjectorConfig } from '../contract/config.ts';

/** One thing to fetch, whatever number of files and variables come from it. */
export type Source = Pick<ConfigObject, 'service' | 'name' | 'version' | 'label' | 'region' | 'failover'>;

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

/** Whether the second region of such sources is asked only when the first one fails. */
export function isInTurn(sources: readonly Source[], { failoverMode }: InjectorConfig): boolean {
  return failoverMode === 'on-error' || sources.every(isPinned);
}

/** ASCP asks nobody else for a version that it has already. */
function isPinned({ service, version }: Source): boolean {
  return service === 'secretsmanager' && version !== undefined;
}

/** Whether a secret's current value is meant, which needs no word. */
export function isCurrent({ version, label = 'AWSCURRENT' }: Pick<Source, 'version' | 'label'>): boolean {
  return version === undefined && label === 'AWSCURRENT';
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

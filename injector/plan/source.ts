/** The requests of a plan, what AWS calls a source, which region is asked second, and what may be missing. */
import type { InjectorConfig } from '../contract/config.ts';
import { type Source, sourceKey } from '../contract/source.ts';

/** What one request asks for, in one region or in each of two. */
export type Batch = {
  readonly region: string;
  readonly failoverRegion: string | undefined;
  readonly sources: readonly Source[];
};

/** One BatchGetSecretValue. */
export type Group = {
  readonly region: string;
  /** True if the region is one of a pair, because the secrets have a second region. */
  readonly pair: boolean;
  /** The names as they are declared, each once. */
  readonly names: readonly string[];
};

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

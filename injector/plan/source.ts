/** Describes the requests of a plan: what each reads, which region is asked second, and which objects may be missing. */
import type { InjectorConfig } from '../contract/config.ts';
import { type ServiceName, serviceRow } from '../contract/services.ts';
import { type Source, sourceKey } from '../contract/source.ts';

/** Has the sources that one request reads, in one region or in each of two. */
export type Batch = {
  readonly service: ServiceName;
  readonly region: string;
  readonly failoverRegion: string | undefined;
  readonly sources: readonly Source[];
};

/** Has the names that one request of a prefetch reads. */
export type Group = {
  readonly service: ServiceName;
  readonly region: string;
  /** True if the region is one of a pair, because the objects have a second region. */
  readonly pair: boolean;
  /** The names as they are declared, each once. */
  readonly names: readonly string[];
};

/**
 * Returns the parameter's name without ARN, selector and leading slash. AWS names a parameter in an answer in another way than
 * the request does, and the two are compared by this name.
 */
export function canonicalParameterName(name: string): string {
  const path = name.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:parameter/, '');
  return path.replace(/:.*$/s, '').replace(/^\//, '');
}

/** Returns whether the second region of the sources is asked only when the first one fails. */
export function isInTurn(sources: readonly Source[], { failoverMode }: InjectorConfig): boolean {
  return failoverMode === 'on-error' || sources.every(isPinned);
}

/** Returns whether the source names a version that has one value for ever. */
function isPinned({ service, version }: Source): boolean {
  return version !== undefined && serviceRow(service).hasFixedVersions === true;
}

/** Cuts a list into lists of at most so many items. */
export function chunks(names: readonly string[], size: number): string[][] {
  const count = Math.ceil(names.length / size);
  return Array.from({ length: count }, (_, index) => names.slice(index * size, (index + 1) * size));
}

type Leniency = { readonly optional?: true | undefined; readonly default?: string | undefined };

/** Returns the keys of the sources that may be missing. A source without outputs may not. */
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

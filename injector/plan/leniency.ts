/** Decides which objects may be missing. */
import type { InjectorConfig } from '../contract/config.ts';
import { sourceKey } from '../contract/source.ts';

type Leniency = { readonly optional?: true | undefined; readonly default?: string | undefined };

/** Returns the keys of the sources that may be missing. A source without outputs may not. */
export function lenientKeys(config: InjectorConfig): Set<string> {
  const { templates = [], templateVariables = [] } = config;
  const placeholders = [...templates, ...templateVariables].flatMap(({ parts }) =>
    parts.filter((part) => typeof part !== 'string'),
  );
  const strict = new Set<string>();
  for (const [index, object] of config.objects.entries()) {
    const { files = [], folders = [], variables = [], expansions = [], environment = [], shell = [] } = object;
    const own = placeholders.filter((part) => part.object === index);
    const outputs: Leniency[] = [
      ...files,
      ...folders,
      ...variables,
      ...expansions,
      ...environment,
      ...shell.map(() => ({})),
      ...own,
    ];
    if (outputs.length === 0 || outputs.some(isStrict)) strict.add(sourceKey(object));
  }
  return new Set(config.objects.map(sourceKey).filter((key) => !strict.has(key)));
}

function isStrict(output: Leniency): boolean {
  return output.optional !== true && output.default === undefined;
}

/** Loads RE2 for configurations that have patterns: its code takes ten milliseconds, and other runs do without it. */
import type { InjectorConfig } from '../contract/config.ts';
import type { Pattern } from '../contract/pattern.ts';
import type { Rename } from '../contract/rename.ts';

/** The patterns of the configurations that were loaded, by their texts. */
const patterns = new Map<string, Pattern>();

/** Reads the patterns of the configuration, so that {@link patternOf} has them. The webhook has checked them. */
export async function loadPatterns(config: InjectorConfig): Promise<void> {
  const sources = patternsIn(config);
  if (sources.length === 0) return;
  const { readPattern } = await import('../contract/pattern.ts');
  for (const source of sources) {
    const pattern = readPattern(source);
    if ('problem' in pattern) throw new Error(`A pattern of the configuration ${pattern.problem}`);
    patterns.set(source, pattern);
  }
}

/** Returns the pattern with this text, which a loaded configuration has to have. */
export function patternOf(source: string): Pattern {
  const pattern = patterns.get(source);
  if (pattern === undefined) throw new Error('A pattern is used that is not loaded');
  return pattern;
}

function patternsIn({ objects, searches = [] }: InjectorConfig): string[] {
  const outputs = [...objects, ...searches].flatMap(({ folders = [], expansions = [] }) => [...folders, ...expansions]);
  const picks = objects.flatMap(({ files = [], variables = [], environment = [] }) =>
    [...files, ...variables, ...environment].flatMap(({ pick }) => pick ?? []),
  );
  const steps = [...outputs, ...picks].flatMap(({ rename = [] }: { readonly rename?: Rename | undefined }) => rename);
  return [
    ...steps.flatMap((step) => (typeof step === 'string' ? [] : step.source)),
    ...searches.flatMap(({ regexp }) => regexp ?? []),
  ];
}

/** Writes the generated parts of the chart's README: tables of the chart's values and rights. The prose is written by hand. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART } from '../../test/chart/support/helm.ts';
import { renderText } from '../../test/chart/support/render.ts';
import { code, table, withSections } from './markdown.ts';
import { permissions } from './permissions.ts';

/** The path of the chart's README. */
export const CHART_README = join(CHART, 'README.md');

/** Returns the chart's README with its tables written anew. */
export async function renderChartReadme(): Promise<string> {
  const schema: Schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'));
  const values: unknown = parse(await readFile(join(CHART, 'values.yaml'), 'utf8'));
  const everything = await renderText({ uninjectedPods: { enabled: true, events: true } });
  const text = await readFile(CHART_README, 'utf8');
  return withSections(text, { values: valuesTable(schema, values), rights: rightsTable(everything) });
}

type Schema = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
};

function valuesTable(schema: Schema, values: unknown): string {
  const rows = leavesOf(schema, values, []).map(({ path, value, inner }) => {
    const options = inner.enum?.filter((option) => option !== '').map(code);
    const description = options ? `${inner.description} ${options.join(', ')}.` : (inner.description ?? '');
    return [code(path), shown(value), description];
  });
  return table(['value', 'default', 'what it is'], rows);
}

/** A default of more characters is not in the table, which points to values.yaml instead. */
const LONGEST = 100;

function shown(value: unknown): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? 'see values.yaml' : code(text);
}

type Leaf = { readonly path: string; readonly value: unknown; readonly inner: Schema };

function leavesOf(schema: Schema, value: unknown, path: readonly string[]): Leaf[] {
  const isBranch = schema.properties && (path.length === 0 || hasKeys(value));
  if (!isBranch) return [{ path: path.join('.'), value, inner: schema }];
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
    leavesOf(inner, (value as Record<string, unknown>)[key], [...path, key]),
  );
}

function hasKeys(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function rightsTable(manifest: string): string {
  const rows = permissions(manifest).map(({ scope, resource, names, verbs, why }) => [
    scope,
    code(resource) + (names.length > 0 ? `, only ${names.map(code).join(', ')}` : ''),
    verbs.map(code).join(', '),
    why,
  ]);
  return table(['where', 'what', 'verbs', 'why'], rows);
}

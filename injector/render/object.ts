/** Renders the outputs of one object. */
import type { ConfigObject, InjectorConfig } from '../contract/config.ts';
import type { JsonNode } from '../contract/json.ts';
import { Secret } from '../secret.ts';
import { type Extraction, extractValue } from './extract.ts';
import { renderExpansion, renderFolder } from './keys.ts';
import { type Output, parseMode } from './output.ts';
import { entriesAt } from './part.ts';

/** Adds the outputs of the object. `value` is undefined if the object does not exist and none of its outputs needs it. */
export function renderObject(
  object: ConfigObject,
  value: Secret | undefined,
  config: InjectorConfig,
  output: Output,
): void {
  const { name } = object;
  for (const file of object.files ?? []) {
    const content = contentOf(value, file, { object: name, alias: file.path }, output);
    const directory = file.directory ?? config.directory;
    if (content !== undefined) output.files.push({ directory, path: file.path, mode: parseMode(file.mode), content });
  }
  for (const variable of object.variables ?? []) {
    const content = contentOf(value, variable, { object: name, alias: variable.name }, output);
    if (content !== undefined) output.named.set(variable.name, content);
  }
  for (const { path, key, ...extraction } of object.environment ?? []) {
    const before = output.failures.length;
    const content = contentOf(value, extraction, { object: name, alias: key }, output);
    if (output.failures.length > before) continue;
    const optional = extraction.optional === true;
    output.kubelet.push({ path, key, value: content, optional, default: extraction.default });
  }
  if (value !== undefined) renderEntries(object, value, config, output);
}

function contentOf(
  value: Secret | undefined,
  extraction: Extraction,
  target: { readonly object: string; readonly alias: string },
  output: Output,
): Secret | undefined {
  const result = extractValue(value, extraction, target);
  if (result.kind === 'failed') output.failures.push(result.failure);
  return result.kind === 'value' ? result.value : undefined;
}

function renderEntries(object: ConfigObject, value: Secret, config: InjectorConfig, output: Output): void {
  for (const folder of object.folders ?? []) {
    const entries = entriesFor(object, value, { optional: folder.optional, what: 'expand' }, output);
    const directory = folder.directory ?? config.directory;
    if (entries !== undefined) renderFolder(entries, { ...folder, directory }, object.name, output);
  }
  for (const expansion of object.expansions ?? []) {
    const entries = entriesFor(object, value, { ...expansion, what: 'env-from' }, output);
    if (entries !== undefined) renderExpansion(entries, expansion, object.name, output);
  }
}

type Keyed = Pick<Extraction, 'jmesPath' | 'optional'> & { readonly what: string };

function entriesFor(
  { name }: ConfigObject,
  value: Secret,
  { jmesPath, optional, what }: Keyed,
  output: Output,
): ReadonlyMap<string, Secret> | undefined {
  const found = entriesAt(value.reveal(), jmesPath);
  if (found.ok) return new Map([...found.entries].map(([key, node]) => [key, new Secret(textOf(node))]));
  if (found.absent && optional === true) return undefined;
  const at = jmesPath === undefined ? '' : ` at ${jmesPath}`;
  output.failures.push({
    code: 'ASI_OUT_EXPANSION',
    subject: name,
    headline: `${name}: ${what} needs a JSON object${at}.`,
  });
  return undefined;
}

/** Returns a text as it is, null as an empty text, and any other value in the source's own text. */
function textOf(node: JsonNode): string {
  if (node.kind === 'string') return node.text;
  return node.kind === 'null' ? '' : node.source;
}

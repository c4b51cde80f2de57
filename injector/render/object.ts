/** The outputs of one object. */
import type { ConfigObject, InjectorConfig } from '../contract/config.ts';
import type { JsonNode } from '../contract/json.ts';
import { Secret } from '../secret.ts';
import { renderExpansion, renderFolder } from './keys.ts';
import { type Output, parseMode } from './output.ts';
import { entriesAt } from './part.ts';
import { take, type Wanted } from './take.ts';

/** Adds them to what there is. Undefined: the object does not exist, and all its outputs can do without it. */
export function renderObject(
  object: ConfigObject,
  value: Secret | undefined,
  config: InjectorConfig,
  output: Output,
): void {
  const { name } = object;
  for (const file of object.files ?? []) {
    const content = taken(value, file, { object: name, alias: file.path }, output);
    const directory = file.directory ?? config.directory;
    if (content !== undefined) output.files.push({ directory, path: file.path, mode: parseMode(file.mode), content });
  }
  for (const variable of object.variables ?? []) {
    const content = taken(value, variable, { object: name, alias: variable.name }, output);
    if (content !== undefined) output.named.set(variable.name, content);
  }
  for (const { path, key, ...wanted } of object.environment ?? []) {
    const before = output.failures.length;
    const content = taken(value, wanted, { object: name, alias: key }, output);
    if (output.failures.length > before) continue;
    const optional = wanted.optional === true;
    output.kubelet.push({ path, key, value: content, optional, default: wanted.default });
  }
  if (value !== undefined) renderEntries(object, value, config, output);
}

function taken(
  value: Secret | undefined,
  wanted: Wanted,
  target: { readonly object: string; readonly alias: string },
  output: Output,
): Secret | undefined {
  const result = take(value, wanted, target);
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

type Keyed = Pick<Wanted, 'jmesPath' | 'optional'> & { readonly what: string };

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

/** Text as it is, null as nothing, all else in the source's own words. */
function textOf(node: JsonNode): string {
  if (node.kind === 'string') return node.text;
  return node.kind === 'null' ? '' : node.source;
}

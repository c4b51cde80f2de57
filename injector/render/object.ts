/** Renders the outputs of one object. */
import type { ConfigObject, InjectorConfig } from '../contract/config.ts';
import type { JsonNode } from '../contract/json.ts';
import { referenceTo } from '../contract/source.ts';
import { Secret } from '../secret.ts';
import { keptKeys, renderExpansion } from './expansion.ts';
import { type Extraction, extractValue } from './extract.ts';
import type { Target } from './headlines.ts';
import { renderFolder } from './keys.ts';
import { listKeys } from './missing.ts';
import { type Expansion, type Output, parseMode } from './output.ts';
import { entriesAt } from './part.ts';
import { renameKeys } from './rename.ts';

/** The most keys with null that a message names. */
const NULLS_SHOWN = 20;

/** Adds the outputs of an object to `output`. `value` is undefined if the object does not exist and no output needs it. */
export function renderObject(
  object: ConfigObject,
  value: Secret | undefined,
  config: InjectorConfig,
  output: Output,
): void {
  const target = { object: object.name, reference: referenceTo(object) };
  for (const file of object.files ?? []) {
    const content = contentOf(value, file, { ...target, ...fileTarget(file.path) }, output);
    const directory = file.directory ?? config.directory;
    if (content !== undefined) output.files.push({ directory, path: file.path, mode: parseMode(file.mode), content });
  }
  for (const variable of object.variables ?? []) {
    const content = contentOf(value, variable, { ...target, ...variableTarget(variable.name) }, output);
    if (content !== undefined) output.named.set(variable.name, content);
  }
  renderContainerVariables(object, value, output);
  if (value !== undefined) renderEntries(object, value, config, output);
}

/** Adds the variables that the kubelet delivers one by one, and those that only the shell of one container sets. */
function renderContainerVariables(object: ConfigObject, value: Secret | undefined, output: Output): void {
  const target = { object: object.name, reference: referenceTo(object) };
  for (const { path, key, readers, ...extraction } of object.environment ?? []) {
    const before = output.failures.length;
    const content = contentOf(value, extraction, { ...target, ...variableTarget(key) }, output);
    if (output.failures.length > before) continue;
    output.kubelet.push({ path, key, value: content, ...(readers && { readers }) });
  }
  for (const { container, variable, secretName, jmesPath } of object.shell ?? []) {
    const content = contentOf(value, { jmesPath }, { ...target, ...variableTarget(variable) }, output);
    if (content === undefined) continue;
    const variables = output.containers.get(container) ?? [];
    output.containers.set(container, variables);
    variables.push({ name: variable, value: content, replaces: { container, secretName } });
  }
}

function fileTarget(path: string): Pick<Target, 'alias' | 'output'> {
  return { alias: path, output: `the file ${path}` };
}

function variableTarget(name: string): Pick<Target, 'alias' | 'output'> {
  return { alias: name, output: `the variable ${name}` };
}

function contentOf(
  value: Secret | undefined,
  extraction: Extraction,
  target: Target,
  output: Output,
): Secret | undefined {
  const result = extractValue(value, extraction, target);
  if (result.kind === 'failed') output.failures.push(result.failure);
  return result.kind === 'value' ? result.value : undefined;
}

function renderEntries(object: ConfigObject, value: Secret, config: InjectorConfig, output: Output): void {
  for (const folder of object.folders ?? []) {
    const entries = entriesFor(
      object,
      value,
      { optional: folder.optional, rename: folder.rename, what: 'expand' },
      output,
    );
    const directory = folder.directory ?? config.directory;
    if (entries !== undefined) renderFolder(entries, { ...folder, directory }, object.name, output);
  }
  for (const expansion of object.expansions ?? []) {
    const entries = entriesFor(object, value, { ...expansion, what: 'env-from' }, output);
    const { jmesPath } = expansion;
    const reference = `${referenceTo(object)}${jmesPath === undefined ? '' : `#${jmesPath}`}`;
    if (entries !== undefined) renderExpansion(entries, expansion, { from: object.name, reference }, config, output);
  }
}

type Keyed = Partial<Pick<Expansion, 'jmesPath' | 'optional' | 'exclude' | 'rename'>> & { readonly what: string };

/** Returns the entries as bytes; undefined if there are none or one is null, with a failure unless the object may be missing. */
function entriesFor(
  { name }: ConfigObject,
  value: Secret,
  { jmesPath, optional, exclude, rename, what }: Keyed,
  output: Output,
): ReadonlyMap<string, Secret> | undefined {
  const found = entriesAt(value.reveal(), jmesPath);
  if (!found.ok && found.reason === 'absent' && optional === true) return undefined;
  const at = jmesPath === undefined ? '' : ` at ${jmesPath}`;
  if (!found.ok) {
    const code = found.reason === 'null' ? 'ASI_OUT_JSON_NULL' : 'ASI_OUT_EXPANSION';
    const cause = found.reason === 'null' ? { cause: 'There is null.' } : {};
    output.failures.push({ code, subject: name, headline: `${name}: ${what} needs a JSON object${at}.`, ...cause });
    return undefined;
  }
  const renamed = renameKeys(found.entries, rename);
  if (!renamed.ok) {
    const { code, cause } = renamed;
    output.failures.push({ code, subject: name, headline: `${name}: rename fits not all keys.`, cause });
    return undefined;
  }
  const kept = keptKeys(renamed.entries, exclude);
  const nulls = [...kept].flatMap(([key, { kind }]) => (kind === 'null' ? [key] : []));
  if (nulls.length > 0) {
    const headline = `${name}: ${what} can not deliver null${at}.`;
    const cause = `The value of ${listKeys(nulls, NULLS_SHOWN)} is null.`;
    output.failures.push({ code: 'ASI_OUT_JSON_NULL', subject: name, headline, cause });
    return undefined;
  }
  return new Map([...kept].map(([key, node]) => [key, new Secret(textOf(node))]));
}

/** Returns a text as it is, and all else in the source's own words. */
export function textOf(node: JsonNode): string {
  return node.kind === 'string' ? node.text : node.source;
}

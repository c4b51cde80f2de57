/** Values in, files out: takes the parts, names the files of keys, builds what holds the variables. Finds everything wrong at once. */
import type { ConfigObject, ConfigSearch, InjectorConfig } from '../contract/config.ts';
import { SHELL_FILE, SHELL_FOLDER } from '../contract/names.ts';
import { sourceKey } from '../contract/source.ts';
import { encodeEnvFile } from '../environment/env-file.ts';
import { kubeletFiles, sentinelFile } from '../environment/kubelet.ts';
import { encodeShellFile } from '../environment/shell.ts';
import type { Variable } from '../environment/variable.ts';
import type { Failure } from '../errors.ts';
import { lenientKeys } from '../plan/source.ts';
import type { Secret } from '../secret.ts';
import { collisions } from './claims.ts';
import { extractValue } from './extract.ts';
import { loaderWarnings, renderExpansion, renderFolder } from './keys.ts';
import { renderObject } from './object.ts';
import { emptyOutput, type Output, type OutputFile, parseMode } from './output.ts';
import { fill } from './template.ts';

/** What was fetched. What is in none of them failed, and its failure is known. */
export type Input = {
  /** By {@link sourceKey}. */
  readonly values: ReadonlyMap<string, Secret>;
  /** What AWS says does not exist, by {@link sourceKey}, with what to say where that is a failure. */
  readonly absent: ReadonlyMap<string, Failure>;
  /** By index in the configuration's searches, then by key. */
  readonly found: ReadonlyMap<number, ReadonlyMap<string, Secret>>;
};

export type Rendered = {
  readonly files: readonly OutputFile[];
  readonly failures: readonly Failure[];
  /** A line each, for the log. */
  readonly warnings: readonly string[];
};

/** The kubelet reads as root. */
const KUBELET_MODE = 0o400;
const SHELL_MODE = 0o644;

/** The files to write, of all directories. With failures there may be too few of them. */
export function render(config: InjectorConfig, input: Input): Rendered {
  const output = emptyOutput();
  const values = new Map<string, Secret | undefined>(input.values);
  const lenient = lenientKeys(config);
  for (const [key, failure] of input.absent) {
    if (lenient.has(key)) values.set(key, undefined);
    else output.failures.push(failure);
  }
  renderParts(config, values, output);
  for (const [index, search] of (config.searches ?? []).entries()) {
    const entries = input.found.get(index);
    if (entries !== undefined) renderSearch(search, entries, config, output);
  }
  output.failures.push(...collisions(config, output.claims));
  renderVariables(config, output);
  return { ...output, failures: unique(output.failures, (failure) => JSON.stringify(failure)) };
}

/** For fail-over: why this value of the source can't be rendered, where another region's might. */
export function problemsOf(config: InjectorConfig): (key: string, value: Secret) => Failure[] {
  return (key, value) => {
    const output = emptyOutput();
    renderParts(config, new Map([[key, value]]), output);
    return output.failures.filter(({ code }) => code.startsWith('ASI_OUT_J') || code === 'ASI_OUT_EXPANSION');
  };
}

/** What comes from objects: a key with undefined does not exist and nothing needs it, one that is missing is left out. */
function renderParts(config: InjectorConfig, values: ReadonlyMap<string, Secret | undefined>, output: Output): void {
  for (const object of config.objects) {
    const key = sourceKey(object);
    if (values.has(key)) renderObject(object, values.get(key), config, output);
  }
  for (const template of config.templates ?? []) {
    const { content, failures } = fill(template, (placeholder) => {
      const object: ConfigObject | undefined = config.objects[placeholder.object];
      const name = object?.name ?? `object ${placeholder.object}`;
      const key = object === undefined ? '' : sourceKey(object);
      if (!values.has(key)) return { kind: 'absent', object: name };
      return { ...extractValue(values.get(key), placeholder, { object: name, alias: template.path }), object: name };
    });
    const { directory } = config;
    if (content !== undefined)
      output.files.push({ directory, path: template.path, mode: parseMode(template.mode), content });
    output.failures.push(...failures);
  }
}

function renderSearch(
  search: ConfigSearch,
  entries: ReadonlyMap<string, Secret>,
  config: InjectorConfig,
  output: Output,
): void {
  const from = nameOf(search);
  for (const folder of search.folders ?? []) {
    renderFolder(entries, { ...folder, directory: folder.directory ?? config.directory }, from, output);
  }
  if (!('expansions' in search)) return;
  for (const expansion of search.expansions ?? []) renderExpansion(entries, expansion, from, output);
}

function nameOf(search: ConfigSearch): string {
  if ('path' in search) return search.path;
  return search.prefix ?? `secrets with the tags ${JSON.stringify(search.tags ?? {})}`;
}

/** The env file, the shell's and the kubelet's. */
function renderVariables({ directory, envFile, environment }: InjectorConfig, output: Output): void {
  const variables = inOrder(output);
  output.warnings.push(...loaderWarnings(output));
  if (envFile !== undefined) {
    const { content, failures } = encodeEnvFile(envFile.format, variables);
    output.failures.push(...failures);
    output.files.push({ directory, path: envFile.path, mode: parseMode(envFile.mode), content });
  }
  if (environment === undefined) return;
  const add = (mode: number) => (file: { path: string; content: Secret }) =>
    output.files.push({ directory: environment.directory, mode, ...file });
  if (environment.delivery === 'shell') {
    const { content, failures } = encodeShellFile(variables);
    output.failures.push(...failures);
    add(SHELL_MODE)({ path: `${SHELL_FOLDER}/${SHELL_FILE}`, content });
  }
  const { files, failures, warnings } = kubeletFiles(unique(output.kubelet, ({ path }) => path));
  files.forEach(add(KUBELET_MODE));
  output.failures.push(...failures);
  output.warnings.push(...warnings);
  if (environment.sentinel) add(KUBELET_MODE)(sentinelFile());
}

/** A variable of its own wins over one that an expansion brings, as `env` over `envFrom`. */
function inOrder({ expanded, named }: Output): Variable[] {
  return [...new Map([...expanded, ...named])].map(([name, value]) => ({ name, value }));
}

/** Of equal ones the first: one file may serve several variables. */
function unique<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const first = new Map<string, Item>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

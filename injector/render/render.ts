/**
 * Turns values into files: it extracts the parts, names the files of keys, and writes the files that hold variables. It finds
 * all failures at once.
 */
import type { ConfigObject, ConfigSearch, ConfigTemplate, InjectorConfig } from '../contract/config.ts';
import { SHELL_FILE, SHELL_FOLDER, shellFolderOf } from '../contract/names.ts';
import { referenceTo, sourceKey } from '../contract/source.ts';
import { encodeEnvFile } from '../environment/env-file.ts';
import { type KubeletEntry, kubeletFiles, sentinelFile } from '../environment/kubelet.ts';
import { encodeShellFile } from '../environment/shell.ts';
import type { Variable } from '../environment/variable.ts';
import type { Failure } from '../errors.ts';
import { lenientKeys } from '../plan/leniency.ts';
import type { Secret } from '../secret.ts';
import type { WantedSecret } from '../sync/apply.ts';
import { collisions } from './claims.ts';
import { keptKeys, loaderWarnings, renderExpansion } from './expansion.ts';
import { extractValue } from './extract.ts';
import { namedEntries, renderFound } from './found.ts';
import type { Target } from './headlines.ts';
import { renderObject } from './object.ts';
import { emptyOutput, type Output, type OutputFile, parseMode } from './output.ts';
import { renderSecrets } from './secrets.ts';
import { fill } from './template.ts';

/** Has what was fetched. An object that is in none of the maps failed, and its failure is reported elsewhere. */
export type Input = {
  /** The values by {@link sourceKey}. */
  readonly values: ReadonlyMap<string, Secret>;
  /** The objects that do not exist by {@link sourceKey}, each with the failure to report if an output needs it. */
  readonly absent: ReadonlyMap<string, Failure>;
  /** The values that each search found, by its index in the configuration and then by key. */
  readonly found: ReadonlyMap<number, ReadonlyMap<string, Secret>>;
};

export type Rendered = {
  readonly files: readonly OutputFile[];
  /** The variables of the env file and of shells. */
  readonly environment: readonly Variable[];
  /** The variables of the kubelet, each of which is in a file of its own, too. */
  readonly kubelet: readonly KubeletEntry[];
  /** The variables that only one container gets from its shell, by the container's name. */
  readonly containers: ReadonlyMap<string, readonly Variable[]>;
  /** The Kubernetes Secrets that are to be, which the API server gets. */
  readonly secrets: readonly WantedSecret[];
  readonly failures: readonly Failure[];
  /** The number of variables, whether a file has them for a shell or for the kubelet. */
  readonly variables: number;
  /** A line for the log each. */
  readonly warnings: readonly string[];
};

/** The kubelet reads as root, so that nobody else has to read these files. */
const KUBELET_MODE = 0o400;
const SHELL_MODE = 0o644;

/** Returns the files to write, of all directories, and the Secrets to make. If there are failures, some may be missing. */
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
  const { secrets, failures } = renderSecrets(config, input.values);
  output.failures.push(...failures);
  return {
    ...output,
    secrets,
    variables: countVariables(output),
    environment: inOrder(output),
    failures: unique(output.failures, (failure) => JSON.stringify(failure)),
  };
}

/** Returns a function that returns why a value of a source can not be rendered, so that the value of another region is used. */
export function problemsOf(config: InjectorConfig): (key: string, value: Secret) => Failure[] {
  return (key, value) => {
    const output = emptyOutput();
    renderParts(config, new Map([[key, value]]), output);
    return output.failures.filter(({ code }) => code.startsWith('ASI_OUT_J') || code === 'ASI_OUT_EXPANSION');
  };
}

/**
 * Renders the outputs of objects and the templates. If a key has the value undefined, the object does not exist and no output
 * needs it. An object whose key is missing is left out.
 */
function renderParts(config: InjectorConfig, values: ReadonlyMap<string, Secret | undefined>, output: Output): void {
  for (const object of config.objects) {
    const key = sourceKey(object);
    if (values.has(key)) renderObject(object, values.get(key), config, output);
  }
  for (const { directory = config.directory, path, mode, parts } of config.templates ?? []) {
    const content = contentOf(parts, { alias: path, output: `the template ${path}` });
    if (content !== undefined) output.files.push({ directory, path, mode: parseMode(mode), content });
  }
  for (const { name, kubelet, parts } of config.templateVariables ?? []) {
    const content = contentOf(parts, { alias: name, output: `the variable ${name}` });
    if (content === undefined) continue;
    output.named.set(name, content);
    if (kubelet === true) output.kubelet.push({ path: name, key: name, value: content });
  }

  /** Returns the text of a template; undefined if a part of it fails, which is among the failures then. */
  function contentOf(parts: ConfigTemplate['parts'], named: Pick<Target, 'alias' | 'output'>): Secret | undefined {
    const { content, failures } = fill(parts, named.output, (placeholder) => {
      const source: ConfigObject | undefined = config.objects[placeholder.object];
      const object = source?.name ?? `object ${placeholder.object}`;
      const key = source === undefined ? '' : sourceKey(source);
      if (source === undefined || !values.has(key)) return { kind: 'absent', object };
      const target = { object, ...named, reference: referenceTo(source) };
      return { ...extractValue(values.get(key), placeholder, target), object };
    });
    output.failures.push(...failures);
    return content;
  }
}

function renderSearch(
  search: ConfigSearch,
  entries: ReadonlyMap<string, Secret>,
  config: InjectorConfig,
  output: Output,
): void {
  const from = nameOf(search);
  renderFound(search, entries, from, config, output);
  const origin = { from, ...('path' in search && { reference: `ssm:${search.path.replace(/\/*$/, '/')}` }) };
  for (const expansion of search.expansions ?? []) {
    const { rename, exclude } = expansion;
    const named = namedEntries(search, entries, rename, from, output);
    if (named) renderExpansion(keptKeys(named, exclude), expansion, origin, config, output);
  }
}

function nameOf(search: ConfigSearch): string {
  if ('path' in search) return search.path;
  return search.prefix ?? `secrets with the tags ${JSON.stringify(search.tags ?? {})}`;
}

function countVariables({ expanded, named, kubelet, containers }: Output): number {
  const own = [...containers].flatMap(([container, list]) => list.map(({ name }) => `${container}/${name}`));
  return new Set([...expanded.keys(), ...named.keys(), ...kubelet.map(({ path }) => path), ...own]).size;
}

/** Renders the env file, the files for shells and the files for the kubelet. */
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
    const addShellFile = (folder: string, all: readonly Variable[]) => {
      const { content, failures } = encodeShellFile(all);
      output.failures.push(...failures);
      add(SHELL_MODE)({ path: `${folder}/${SHELL_FILE}`, content });
    };
    addShellFile(SHELL_FOLDER, variables);
    for (const [container, own] of output.containers) {
      addShellFile(shellFolderOf(container), [...byName([...variables, ...own]).values()]);
    }
  }
  const { files, failures } = kubeletFiles(
    unique(output.kubelet, ({ path }) => path),
    environment.delivery,
  );
  files.forEach(add(KUBELET_MODE));
  output.failures.push(...failures);
  if (environment.sentinel) add(KUBELET_MODE)(sentinelFile());
}

/**
 * Returns the variables. A variable that is declared by its name has priority over one of an expansion, like `env` over
 * `envFrom`.
 */
function inOrder({ expanded, named }: Output): Variable[] {
  return [...new Map([...expanded, ...named])].map(([name, value]) => ({ name, value }));
}

/** Returns the variables by their names. Of two with one name the later one counts, at the place of the first. */
function byName(variables: readonly Variable[]): Map<string, Variable> {
  return new Map(variables.map((variable) => [variable.name, variable]));
}

/** Returns the first of the items with equal keys, because one file may serve several variables. */
function unique<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const first = new Map<string, Item>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

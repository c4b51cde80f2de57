/** Says what becomes of each reference: which file or variable it is, and in which containers. */
import type { ConfigObject, ConfigSearch, ConfigTemplate, InjectorConfig } from '../../injector/contract/config.ts';
import { SHELL_FILE, SHELL_FOLDER } from '../../injector/contract/names.ts';
import { referenceTo } from '../../injector/contract/source.ts';
import { otherContainers } from '../../webhook/mutate/position.ts';
import { CONTAINER } from '../../webhook/pod/names.ts';
import type { Pod } from '../../webhook/pod/pod.ts';
import { mountedPath } from '../manifests/mounted-path.ts';

export type Result = {
  /** The references, as annotations have them. A template has several. */
  readonly from: readonly string[];
  /** `files` and `variables`: as many as the value has keys, or as the search finds objects. */
  readonly kind: 'file' | 'files' | 'variable' | 'variables';
  /** The path in the containers, or the name of the variable. */
  readonly name: string;
  readonly mode?: string;
  /** The variable is set by the kubelet, by the shell before the command, or by the program that reads the env file. */
  readonly delivery?: 'kubelet' | 'shell' | 'file';
  /** The path of the env file in the containers. */
  readonly envFile?: string;
  /** The containers that see it. */
  readonly containers: readonly string[];
  readonly optional?: true;
};

/** A path in containers, and the names of those that see the file there. */
type Place = { readonly path: string; readonly containers: readonly string[] };

/** Returns where containers see a file that the injected container writes at a path in one of its directories. */
type Visible = (directory: string, path: string) => readonly Place[];

/** Returns what becomes of each reference in the configuration of an injected pod. */
export function resultsOf(pod: Pod, config: InjectorConfig): Result[] {
  const visible = visibleIn(pod);
  const { objects, searches = [], templates = [], templateVariables = [] } = config;
  return [
    ...objects.flatMap((object) => [
      ...filesOf(object, config, visible),
      ...(object.environment ?? []).flatMap(({ jmesPath, pick, ...file }) =>
        kubeletVariable({ ...file, from: [partOf(object, jmesPath, pick)] }, config, pod),
      ),
      ...fileVariables(object, config, visible),
      ...shellVariables(object),
    ]),
    ...searches.flatMap((search) => searchResults(search, config, visible)),
    ...templates.flatMap(({ directory = config.directory, path, mode, parts }) =>
      asFiles(visible(directory, path), { kind: 'file', from: namesIn(parts, config), mode }),
    ),
    ...templateVariables.flatMap(({ name, kubelet, parts }) => {
      const from = namesIn(parts, config);
      const isInFile = kubelet === undefined || config.envFile !== undefined;
      return [
        ...(kubelet ? kubeletVariable({ path: name, key: name, from }, config, pod) : []),
        ...(isInFile ? asVariables(config, visible, { kind: 'variable', name, from }) : []),
      ];
    }),
  ];
}

/** Returns the names of the objects that a template has parts of. */
function namesIn(parts: ConfigTemplate['parts'], { objects }: InjectorConfig): string[] {
  const used = parts.flatMap((part) => (typeof part === 'string' ? [] : (objects[part.object] ?? [])));
  return [...new Set(used.map(nameOf))];
}

function filesOf(object: ConfigObject, config: InjectorConfig, visible: Visible): Result[] {
  const { files = [], folders = [] } = object;
  return [
    ...files.flatMap(({ directory = config.directory, path, mode, jmesPath, pick, optional }) =>
      asFiles(visible(directory, path), { kind: 'file', from: [partOf(object, jmesPath, pick)], mode, optional }),
    ),
    ...folders.flatMap(({ directory = config.directory, path, mode, optional }) =>
      asFiles(visible(directory, path), { kind: 'files', from: [nameOf(object)], mode, optional }),
    ),
  ];
}

type KubeletFile = Pick<Result, 'from'> & {
  readonly path: string;
  readonly key: string;
  readonly optional?: true | undefined;
};

/** The kubelet sets a variable where a container refers to its file. */
function kubeletVariable(
  { path, key, from, optional }: KubeletFile,
  { environment }: InjectorConfig,
  pod: Pod,
): Result[] {
  const volume = environment && volumesOf(pod).get(environment.directory);
  const readers = otherContainers(pod).flatMap(({ name, env = [] }) =>
    (env ?? []).flatMap((variable) => {
      const { fileKeyRef } = variable.valueFrom ?? {};
      const isRead = fileKeyRef?.volumeName === volume && fileKeyRef?.path === path && fileKeyRef.key === key;
      return isRead ? [{ container: name, variable: variable.name }] : [];
    }),
  );
  const byName = Map.groupBy(readers, ({ variable }) => variable);
  const more = { from, kind: 'variable' as const, delivery: 'kubelet' as const, ...(optional && { optional }) };
  if (byName.size === 0) return [{ ...more, name: key, containers: [] }];
  return [...byName].map(([name, group]) => ({ ...more, name, containers: group.map(({ container }) => container) }));
}

/** The shell of a container sets a variable that replaces a reference to a synced Secret. */
function shellVariables(object: ConfigObject): Result[] {
  const byName = Map.groupBy(object.shell ?? [], ({ variable, key }) => JSON.stringify([variable, key]));
  return [...byName.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const from = [partOf(object, first.jmesPath)];
    const containers = group.map(({ container }) => container);
    return [{ kind: 'variable' as const, delivery: 'shell' as const, name: first.variable, from, containers }];
  });
}

/** Variables of the env file, or of the file that the shell reads before the command. */
function fileVariables(object: ConfigObject, config: InjectorConfig, visible: Visible): Result[] {
  const { variables = [], expansions = [] } = object;
  return [
    ...variables.flatMap(({ name, jmesPath, pick, optional }) =>
      asVariables(config, visible, { kind: 'variable', name, from: [partOf(object, jmesPath, pick)], optional }),
    ),
    ...expansions.flatMap(({ prefix, jmesPath, optional }) =>
      asVariables(config, visible, {
        kind: 'variables',
        name: `${prefix}…`,
        from: [partOf(object, jmesPath)],
        optional,
      }),
    ),
  ];
}

function searchResults(search: ConfigSearch, config: InjectorConfig, visible: Visible): Result[] {
  const { folders = [], expansions = [] } = search;
  const from = [searched(search)];
  return [
    ...folders.flatMap((folder) => foundFiles(folder, searched(search), config, visible)),
    ...expansions.flatMap(({ prefix, optional }) =>
      asVariables(config, visible, { kind: 'variables', name: `${prefix}…`, from, optional }),
    ),
  ];
}

/** Returns the files of what a search finds: one for each value, or its keys and parts in a folder for each value. */
function foundFiles(
  { directory, path, mode, optional, expand, parts = [] }: NonNullable<ConfigSearch['folders']>[number],
  from: string,
  config: InjectorConfig,
  visible: Visible,
): Result[] {
  const place = (inside: string) => visible(directory ?? config.directory, inside);
  const each = path === '' ? '…' : `${path}/…`;
  const keys = asFiles(place(expand ? each : path), { kind: 'files', from: [from], mode, optional });
  const files = parts.flatMap((part) =>
    asFiles(place(`${each}/${part.path}`), { ...part, kind: 'file', from: [`${from}#${part.jmesPath}`] }),
  );
  return [...(expand || parts.length === 0 ? keys : []), ...files.map((file) => ({ ...file, kind: 'files' as const }))];
}

type File = Pick<Result, 'from' | 'kind'> & { readonly mode: string; readonly optional?: true | undefined };

function asFiles(places: readonly Place[], { from, kind, mode, optional }: File): Result[] {
  return places.map(({ path, containers }) => {
    const name = kind === 'files' ? `${path.replace(/\/$/, '')}/…` : path;
    return { from, kind, name, mode, containers, ...(optional && { optional }) };
  });
}

type Variable = Pick<Result, 'from' | 'kind' | 'name'> & { readonly optional?: true | undefined };

function asVariables(
  { directory, envFile, environment }: InjectorConfig,
  visible: Visible,
  variable: Variable,
): Result[] {
  const { optional, ...rest } = variable;
  const isShell = environment?.delivery === 'shell';
  const places = isShell
    ? visible(environment.directory, `${SHELL_FOLDER}/${SHELL_FILE}`)
    : visible(directory, envFile?.path ?? '');
  return places.map(({ path, containers }) => ({
    ...rest,
    ...(isShell ? { delivery: 'shell' } : { delivery: 'file', envFile: path }),
    containers,
    ...(optional && { optional }),
  }));
}

/** Reads from the mounts of all containers who sees what. A file that nobody mounts keeps the path in its volume. */
function visibleIn(pod: Pod): Visible {
  const volumes = volumesOf(pod);
  return (directory, path) => {
    const volume = volumes.get(directory);
    const seen = otherContainers(pod).flatMap(({ name, volumeMounts }) =>
      (volumeMounts ?? []).flatMap((mount) => {
        const at = mount.name === volume ? mountedPath(mount, path) : undefined;
        return at === undefined ? [] : [{ path: at, container: name }];
      }),
    );
    const byPath = Map.groupBy(seen, (one) => one.path);
    if (byPath.size === 0) return [{ path, containers: [] }];
    return [...byPath].map(([at, group]) => ({ path: at, containers: group.map(({ container }) => container) }));
  };
}

/** Returns the volumes of the injected container by the directories at which it mounts them. */
function volumesOf({ spec }: Pod): ReadonlyMap<string, string> {
  const own = spec.initContainers?.find(({ name }) => name === CONTAINER);
  return new Map((own?.volumeMounts ?? []).map(({ name, mountPath }) => [mountPath, name]));
}

function nameOf(object: ConfigObject): string {
  const { region } = object;
  return `${referenceTo(object)}${region === undefined ? '' : ` in ${region}`}`;
}

/** Returns the reference of an object or of a part of it. A key that is picked stands there by its new name. */
function partOf(object: ConfigObject, jmesPath: string | undefined, pick?: { readonly key: string }): string {
  const { region, ...source } = object;
  const key = pick === undefined ? '' : ` (the key ${pick.key})`;
  const part = jmesPath === undefined ? key : `#${jmesPath}`;
  return `${referenceTo(source)}${part}${region === undefined ? '' : ` in ${region}`}`;
}

function searched(search: ConfigSearch): string {
  const matching = search.regexp === undefined ? '' : ` whose names match ${search.regexp}`;
  return foundBy(search) + matching;
}

function foundBy(search: ConfigSearch): string {
  if (search.service === 'ssm') return `ssm:${search.path.replace(/\/$/, '')}/*`;
  const { prefix, tags = {} } = search;
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const names = prefix === undefined ? 'all secrets' : `${prefix}*`;
  return tagged.length > 0 ? `${names} with the tags ${tagged.join(', ')}` : names;
}

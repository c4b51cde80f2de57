/**
 * A later pass over a pod whose CSI volumes were taken over: they are ordinary volumes by now, and no annotation says what
 * belongs into them. What our container was told then is all that is left of it, and is carried over.
 */
import { isDeepStrictEqual } from 'node:util';
import { type ConfigObject, decodeConfig, encodeConfig, type InjectorConfig } from '../../injector/config.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { findOurs, hasSameConfig } from '../mutate/container/container.ts';
import { pathsIn } from '../mutate/environment/synced.ts';
import { othersOf } from '../mutate/position.ts';
import { isMemory } from '../mutate/volumes.ts';
import { isSyncedPath, syncedPath, volumeDirectory } from '../pod/names.ts';
import type { Pod } from '../pod/pod.ts';

type Source = Omit<ConfigObject, 'files' | 'folders' | 'variables' | 'expansions' | 'environment'>;

/** Whether the pod holds volumes that an earlier pass has taken over. */
export function hasTakenOver(pod: Pod): boolean {
  const ours = findOurs(pod);
  return ours !== undefined && carriedOf(pod, ours.config).length > 0;
}

/** The declaration, and what an earlier pass knew. */
export function carryOver(pod: Pod, declaration: Declaration): Declaration {
  const ours = findOurs(pod);
  const carried = ours ? carriedOf(pod, ours.config) : [];
  if (!ours || carried.length === 0) return declaration;
  const synced = declaration.synced.flatMap(({ secretName, keys }) =>
    keys.map(({ key }) => syncedPath(secretName, key)),
  );
  const fresh = new Set([...synced, ...declaration.volumes.map(volumeDirectory)]);
  const isKept = ({ directory, path = '' }: Output) => !fresh.has(directory ?? path);
  const region = ours.config.region === declaration.region ? {} : { region: ours.config.region };
  const added = carried.map((object) => outputsOf({ ...region, ...object }, isKept));
  const isSaid = pod.metadata.annotations?.[`${PREFIX}use-pod-identity`] !== undefined;
  return {
    ...declaration,
    objects: merge(declaration.objects, added),
    ...(!isSaid && { identity: identityOf(ours.config) }),
  };
}

/** The configuration as it was, where only its order is another: the volumes' objects have moved to the end. */
export function settle(pod: Pod, config: InjectorConfig): InjectorConfig {
  const ours = findOurs(pod);
  if (!ours || hasSameConfig(ours, config) || carriedOf(pod, ours.config).length === 0) return config;
  return isDeepStrictEqual(canonical(ours.config), canonical(decodeConfig(encodeConfig(config))))
    ? ours.config
    : config;
}

/** Only what is in volumes of memory that are still there: a pod may claim anything. */
function carriedOf(pod: Pod, { objects }: InjectorConfig): ConfigObject[] {
  const directories = new Set((pod.spec.volumes ?? []).filter(isMemory).map(({ name }) => volumeDirectory(name)));
  const references = othersOf(pod).flatMap(({ env }) => env ?? []);
  const paths = new Set(references.flatMap(({ valueFrom }) => pathsIn(valueFrom)).filter(isSyncedPath));
  const carried = objects.map((object) =>
    outputsOf(object, ({ directory, path = '' }) =>
      directory === undefined ? paths.has(path) : directories.has(directory),
    ),
  );
  return carried.filter(hasOutputs);
}

type Output = { readonly directory?: string | undefined; readonly path?: string };

/** The object with these outputs and no others; files of the annotations have no directory, and variables are not asked for. */
function outputsOf(object: ConfigObject, isWanted: (output: Output) => boolean): ConfigObject {
  const { files = [], folders = [], environment = [] } = object;
  const wantedFiles = files.filter((file) => file.directory !== undefined && isWanted(file));
  const wantedFolders = folders.filter((folder) => folder.directory !== undefined && isWanted(folder));
  const wantedEntries = environment.filter((entry) => isWanted(entry));
  return {
    ...sourceOf(object),
    ...(wantedFiles.length > 0 && { files: wantedFiles }),
    ...(wantedFolders.length > 0 && { folders: wantedFolders }),
    ...(wantedEntries.length > 0 && { environment: wantedEntries }),
  };
}

/** Adds outputs to the objects of the same source. Each object keeps its index, by which templates refer to it. */
function merge(objects: readonly ConfigObject[], added: readonly ConfigObject[]): ConfigObject[] {
  const merged = new Map(objects.map((object) => [keyOf(object), object]));
  for (const [key, more] of Map.groupBy(added.filter(hasOutputs), keyOf)) {
    const object = merged.get(key);
    const [first, ...others] = object ? [object, ...more] : more;
    if (first) merged.set(key, others.length > 0 ? joined(first, others) : first);
  }
  return [...merged.values()];
}

function joined(first: ConfigObject, others: readonly ConfigObject[]): ConfigObject {
  const all = [first, ...others];
  const files = all.flatMap((one) => one.files ?? []);
  const folders = all.flatMap((one) => one.folders ?? []);
  const environment = all.flatMap((one) => one.environment ?? []);
  return {
    ...first,
    ...(files.length > 0 && { files }),
    ...(folders.length > 0 && { folders }),
    ...(environment.length > 0 && { environment }),
  };
}

function hasOutputs({ files, folders, environment }: ConfigObject): boolean {
  return files !== undefined || folders !== undefined || environment !== undefined;
}

function keyOf(object: ConfigObject): string {
  return JSON.stringify(Object.entries(sourceOf(object)).sort());
}

function sourceOf(object: ConfigObject): Source {
  const { files: _f, folders: _o, variables: _v, expansions: _x, environment: _e, ...source } = object;
  return source;
}

function identityOf({ identity }: InjectorConfig): Declaration['identity'] {
  if (identity.kind === 'web-identity') return { kind: 'web-identity' };
  const [first = '', ...others] = identity.addresses;
  const single = first.includes('[') ? 'ipv6' : 'ipv4';
  return { kind: 'pod-identity', addressType: others.length > 0 ? 'auto' : single };
}

/** Equal for configurations that differ in the order of their objects, and of what comes of each. */
function canonical({ objects, templates = [], ...rest }: InjectorConfig): unknown {
  const sources = objects.map(keyOf);
  const outputs = (list: readonly unknown[] = []) => list.map((output) => JSON.stringify(output)).sort();
  return JSON.parse(
    JSON.stringify({
      ...rest,
      objects: objects
        .map((object, index) => [
          sources[index],
          ...[object.files, object.folders, object.variables, object.expansions, object.environment].map(outputs),
        ])
        .sort(),
      templates: templates.map(({ parts, ...template }) => ({
        ...template,
        parts: parts.map((part) => (typeof part === 'string' ? part : { ...part, object: sources[part.object] })),
      })),
    }),
  );
}

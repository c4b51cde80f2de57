/**
 * Replaces references to synced Secrets, which the CSI driver would make from a class's secretObjects. The injector
 * makes no Secret: each variable gets the value itself from a file. The class wins: a Secret of that name is never
 * read. https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret
 */
import type { ConfigObject, ContainerVariable, InjectorConfig } from '../../../injector/contract/config.ts';
import { isLoaderVariable } from '../../../injector/contract/loader-variables.ts';
import { isSyncedPath, syncedFrom, syncedPath } from '../../../injector/contract/synced.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { memoizeByObject } from '../../declare/memoize.ts';
import { VOLUMES } from '../../pod/names.ts';
import { type Container, draftOf, type Pod, type Variable } from '../../pod/pod.ts';
import { otherContainers } from '../position.ts';
import {
  knownPaths,
  pathsIn,
  type Synced,
  type SyncedUse,
  syncedPaths,
  syncedSecrets,
  syncedUses,
} from './synced-uses.ts';
import { fileReference, isOurs, replaceVariables } from './variables.ts';

/** A file for the kubelet names so many of the variables that it is for. */
const READERS_SHOWN = 3;

/**
 * Returns the declared objects with what replaces the references of the containers to synced Secrets: a file for each key
 * that the kubelet delivers, and a variable for each reference that the shell of a container serves. `byKubelet` says
 * whether the API server knows variables from files.
 */
export function withSynced(pod: Pod, declaration: Declaration, byKubelet: boolean): readonly ConfigObject[] {
  if (knownPaths(declaration).size === 0) return declaration.objects;
  const uses = Map.groupBy(syncedUses(pod, declaration, byKubelet), (use) => syncedPath(use.secretName, use.key));
  const keys = [...syncedSecrets(declaration)].flatMap(([secretName, entries]) =>
    [...entries.values()].map(({ key, object, jmesPath }) => ({
      object,
      entry: syncedEntry({ secretName, key, jmesPath }),
    })),
  );
  const byObject = Map.groupBy(keys, ({ object }) => object);
  return declaration.objects.map(({ environment = [], ...object }, index): ConfigObject => {
    const declared = environment.filter(({ path }) => !isSyncedPath(path));
    const previous = environment.filter(({ path }) => isSyncedPath(path));
    const entries = [...previous, ...(byObject.get(index) ?? []).map(({ entry }) => entry)];
    const files = [...declared, ...entries.flatMap((entry) => fileFor(entry, uses.get(entry.path) ?? []))];
    const shell = entries.flatMap((entry) => variablesFor(entry, uses.get(entry.path) ?? []));
    return { ...object, ...(files.length > 0 && { environment: files }), ...(shell.length > 0 && { shell }) };
  });
}

type Entry = NonNullable<ConfigObject['environment']>[number];

/** Returns the file for the kubelet that replaces one key of a synced Secret. */
export function syncedEntry(key: Pick<ContainerVariable, 'secretName' | 'key' | 'jmesPath'>): Entry {
  return {
    path: syncedPath(key.secretName, key.key),
    key: key.key,
    ...(key.jmesPath !== undefined && { jmesPath: key.jmesPath }),
  };
}

/** Returns the file for the kubelet; none if no variable needs it. */
function fileFor(entry: Entry, uses: readonly SyncedUse[]): Entry[] {
  const readers = uses.filter(({ by }) => by === 'kubelet');
  if (readers.length === 0) return [];
  const named = readers.slice(0, READERS_SHOWN).map(({ container, variable, isForShells }) => ({
    container: container.name,
    variable,
    ...(isForShells && { shell: true as const }),
  }));
  return [{ ...entry, readers: named }];
}

function variablesFor({ jmesPath }: Entry, uses: readonly SyncedUse[]): ContainerVariable[] {
  return uses
    .filter(({ by }) => by === 'shell')
    .map(({ container, variable, secretName, key }) => ({
      container: container.name,
      variable,
      secretName,
      key,
      ...(jmesPath !== undefined && { jmesPath }),
    }));
}

/**
 * Returns the variables that {@link rewriteReferences} would add to the container under the names of a class's keys,
 * without a prefix, and that decide which code its programs load.
 */
export function importedLoaders({ env, envFrom }: Container, declaration: Declaration): string[] {
  const synced = syncedSecrets(declaration);
  if (synced.size === 0) return [];
  const own = new Set((env ?? []).map(({ name }) => name));
  const imports = (envFrom ?? []).filter(({ prefix }) => !prefix);
  const names = imports.flatMap(({ secretRef }) => [...(synced.get(secretRef?.name ?? '')?.keys() ?? [])]);
  return [...new Set(names)].filter((name) => isLoaderVariable(name) && !own.has(name));
}

/**
 * Replaces the references to declared synced Secrets, in `env` and `envFrom`, by references to our files. Those that the
 * shell of a container serves must be taken out afterwards, see {@link takeShellVariables}.
 */
export function rewriteReferences(served: readonly Container[], declaration: Declaration): void {
  const synced = syncedSecrets(declaration);
  if (synced.size === 0) return;
  for (const container of served) {
    rewriteKeys(container, (name, key) => synced.get(name)?.has(key) ?? false);
    rewriteImports(container, synced);
  }
}

/**
 * Takes the variables out of the containers that their shells set, and the imports of `envFrom` that have no other
 * variables. The configuration alone knows them then, see {@link returnShellVariables}.
 */
export function takeShellVariables(
  containers: readonly Container[],
  variables: ReturnType<typeof shellVariables>,
): void {
  for (const container of containers) {
    const taken = variables.get(container.name);
    if (taken === undefined) continue;
    const names = new Set(taken.map(({ variable }) => variable));
    replaceVariables(container, (one) => (names.has(one.name) && pathsIn(one.valueFrom).length > 0 ? undefined : one));
    const imported = Map.groupBy(taken, ({ secretName }) => secretName);
    keepImports(
      container,
      ({ prefix, secretRef }) =>
        !imported.get(secretRef?.name ?? '')?.some(({ variable, key }) => variable === `${prefix ?? ''}${key}`),
    );
  }
}

/** Removes the entries of `envFrom` that are not wanted. Returns whether there were any. */
function keepImports(container: Container, isWanted: (entry: Import) => boolean): boolean {
  const { envFrom = [] } = container;
  const wanted = envFrom?.filter(isWanted) ?? [];
  if (wanted.length === (envFrom?.length ?? 0)) return false;
  if (wanted.length > 0) container.envFrom = wanted;
  else delete container.envFrom;
  return true;
}

type Import = NonNullable<Container['envFrom']>[number];

/**
 * Returns the pod as it was before the shells of its containers set variables: each has its reference to the Secret
 * again, unless the container sets the variable itself now. The pod itself stays as it is.
 */
export function returnShellVariables(pod: Pod, config: InjectorConfig): Pod {
  const variables = shellVariables(config);
  if (variables.size === 0) return pod;
  const draft = draftOf(pod);
  for (const container of otherContainers(draft)) {
    const own = new Set((container.env ?? []).map(({ name }) => name));
    const missing = (variables.get(container.name) ?? []).filter(({ variable }) => !own.has(variable));
    const returned = missing.map(({ variable, secretName, key }) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name: secretName, key } },
    }));
    if (returned.length > 0) container.env = [...(container.env ?? []), ...returned];
  }
  return draft;
}

/** Returns the variables that the shells of containers set in place of references to synced Secrets, by the container. */
export const shellVariables = memoizeByObject(
  ({ objects }: Pick<InjectorConfig, 'objects'>): ReadonlyMap<string, ContainerVariable[]> =>
    Map.groupBy(
      objects.flatMap(({ shell = [] }) => shell),
      ({ container }) => container,
    ),
);

/**
 * Replaces the references in `env` to keys that the configuration has. It has only keys that some container referred to
 * when it was made, and so can not replace `envFrom`, which needs all keys of a Secret.
 */
export function rewriteFromConfig(served: readonly Container[], config: InjectorConfig): void {
  const all = syncedPaths(config.objects);
  if (all.length === 0) return;
  const paths = new Set(all);
  for (const container of served) rewriteKeys(container, (name, key) => paths.has(syncedPath(name, key)));
}

/**
 * Returns the synced Secrets in the configuration by their names, each with the keys that some container referred to.
 */
export const secretsIn = memoizeByObject((config: InjectorConfig): ReadonlyMap<string, ReadonlySet<string>> => {
  const secrets = [
    ...syncedPaths(config.objects).flatMap((path) => syncedFrom(path) ?? []),
    ...config.objects.flatMap(({ shell = [] }) => shell.map(({ secretName, key }) => ({ name: secretName, key }))),
  ];
  const grouped = Map.groupBy(secrets, ({ name }) => name);
  return new Map([...grouped].map(([name, list]) => [name, new Set(list.map(({ key }) => key))]));
});

function rewriteKeys(container: Container, isSynced: (secretName: string, key: string) => boolean): void {
  replaceVariables(container, (variable) => {
    const { secretKeyRef, ...others } = variable.valueFrom ?? {};
    if (!secretKeyRef || !isSynced(secretKeyRef.name ?? '', secretKeyRef.key)) return variable;
    const { name, key, optional } = secretKeyRef;
    const fileKeyRef = fileReference(syncedPath(name ?? '', key), key, optional === true);
    return { ...variable, valueFrom: { ...others, fileKeyRef } };
  });
}

/** Makes references to Secrets again of those to our files, in containers that now run before the files are written. */
export function restoreReferences(earlier: readonly Container[]): void {
  for (const container of earlier) {
    replaceVariables(container, (variable) => {
      const { fileKeyRef, ...others } = variable.valueFrom ?? {};
      const secret = fileKeyRef?.volumeName === VOLUMES.environment ? syncedFrom(fileKeyRef.path) : undefined;
      if (!secret) return variable;
      const secretKeyRef = { ...secret, ...(fileKeyRef?.optional && { optional: true }) };
      return { ...variable, valueFrom: { ...others, secretKeyRef } };
    });
  }
}

/**
 * Replaces `envFrom` by one variable for each key that the class has. Variables that the container sets itself win, as
 * ever.
 */
function rewriteImports(container: Container, synced: Synced): void {
  const imported = new Map<string, Variable>();
  const isReplaced = keepImports(container, ({ prefix, secretRef }) => {
    const secretName = secretRef?.name ?? '';
    const keys = synced.get(secretName);
    for (const key of keys?.keys() ?? []) {
      const name = `${prefix ?? ''}${key}`;
      const fileKeyRef = fileReference(syncedPath(secretName, key), key, secretRef?.optional === true);
      imported.set(name, { name, valueFrom: { fileKeyRef } });
    }
    return keys === undefined;
  });
  if (!isReplaced) return;
  const env = container.env ?? [];
  for (const { name } of env) imported.delete(name);
  const front = env.findIndex((variable) => !isOurs(variable));
  const index = front === -1 ? env.length : front;
  container.env = [...env.slice(0, index), ...imported.values(), ...env.slice(index)];
}

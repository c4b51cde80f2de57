/**
 * Replaces references to synced Secrets, which the CSI driver would make from a class's secretObjects. The injector
 * makes no Secret: each variable gets the value itself from a file. The class wins: a Secret of that name is never
 * read. https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret
 */
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { isLoaderVariable } from '../../../injector/contract/loader-variables.ts';
import { isSyncedPath, syncedFrom, syncedPath } from '../../../injector/contract/synced.ts';
import type { Declaration, SyncedSecret } from '../../declare/declaration.ts';
import { ENVIRONMENT_VOLUME } from '../../pod/names.ts';
import type { Container, Variable } from '../../pod/pod.ts';
import { fileReference, isOurs, replaceVariables } from './variables.ts';

/** The synced Secrets by their names, each with its keys. */
export type Synced = ReadonlyMap<string, ReadonlyMap<string, SyncedSecret['keys'][number]>>;

/**
 * Returns the declared objects, with one more file for each key of a synced Secret that one of the containers refers
 * to.
 */
export function withSynced(declaration: Declaration, served: readonly Container[]): ConfigObject[] {
  const objects = declaration.objects.map(
    ({ environment, ...object }): ConfigObject => ({
      ...object,
      ...(environment && { environment: [...environment] }),
    }),
  );
  const synced = syncedSecrets(declaration);
  if (synced.size === 0) return objects;
  const used = usedPaths(served, synced);
  for (const [secretName, keys] of synced) {
    for (const { key, object: index, jmesPath } of keys.values()) {
      const object = objects[index];
      const path = syncedPath(secretName, key);
      if (!object || !used.has(path)) continue;
      object.environment ??= [];
      object.environment.push({ path, key, ...(jmesPath !== undefined && { jmesPath }) });
    }
  }
  return objects;
}

/** Returns how many variables {@link rewriteReferences} would add to the containers for their `envFrom`. */
export function countImports(served: readonly Container[], declaration: Declaration): number {
  const synced = syncedSecrets(declaration);
  const imports = served.flatMap(({ envFrom }) => envFrom ?? []);
  return imports.reduce((total, { secretRef }) => total + (synced.get(secretRef?.name ?? '')?.size ?? 0), 0);
}

/**
 * Returns the variables that {@link rewriteReferences} would add to the container under the names of a class's keys,
 * without a prefix, and that decide which code its programs load.
 */
export function importedLoaders({ env, envFrom }: Container, declaration: Declaration): string[] {
  const synced = syncedSecrets(declaration);
  const own = new Set((env ?? []).map(({ name }) => name));
  const imports = (envFrom ?? []).filter(({ prefix }) => !prefix);
  const names = imports.flatMap(({ secretRef }) => [...(synced.get(secretRef?.name ?? '')?.keys() ?? [])]);
  return [...new Set(names)].filter((name) => isLoaderVariable(name) && !own.has(name));
}

/** Replaces the references to declared synced Secrets, in `env` and `envFrom`, by references to our files. */
export function rewriteReferences(served: readonly Container[], declaration: Declaration): void {
  const synced = syncedSecrets(declaration);
  if (synced.size === 0) return;
  for (const container of served) {
    rewriteKeys(container, (name, key) => synced.get(name)?.has(key) ?? false);
    rewriteImports(container, synced);
  }
}

/**
 * Replaces the references in `env` to keys that the configuration has. It has only keys that some container referred to
 * when it was made, and so can not replace `envFrom`, which needs all keys of a Secret.
 */
export function rewriteFromConfig(served: readonly Container[], config: InjectorConfig): void {
  const paths = new Set(syncedPaths(config));
  if (paths.size === 0) return;
  for (const container of served) rewriteKeys(container, (name, key) => paths.has(syncedPath(name, key)));
}

/**
 * Returns the synced Secrets in the configuration by their names, each with the keys that some container referred to.
 */
export function secretsIn(config: InjectorConfig): ReadonlyMap<string, ReadonlySet<string>> {
  const secrets = syncedPaths(config).flatMap((path) => syncedFrom(path) ?? []);
  const grouped = Map.groupBy(secrets, ({ name }) => name);
  return new Map([...grouped].map(([name, list]) => [name, new Set(list.map(({ key }) => key))]));
}

function syncedPaths({ objects }: InjectorConfig): string[] {
  return objects.flatMap(({ environment = [] }) => environment.map(({ path }) => path)).filter(isSyncedPath);
}

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
      const secret = fileKeyRef?.volumeName === ENVIRONMENT_VOLUME ? syncedFrom(fileKeyRef.path) : undefined;
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
  const others = (container.envFrom ?? []).filter(({ prefix, secretRef }) => {
    const secretName = secretRef?.name ?? '';
    const keys = synced.get(secretName);
    for (const key of keys?.keys() ?? []) {
      const name = `${prefix ?? ''}${key}`;
      const fileKeyRef = fileReference(syncedPath(secretName, key), key, secretRef?.optional === true);
      imported.set(name, { name, valueFrom: { fileKeyRef } });
    }
    return keys === undefined;
  });
  if (others.length === (container.envFrom ?? []).length) return;
  const env = container.env ?? [];
  for (const { name } of env) imported.delete(name);
  const front = env.findIndex((variable) => !isOurs(variable));
  const index = front === -1 ? env.length : front;
  container.env = [...env.slice(0, index), ...imported.values(), ...env.slice(index)];
  if (others.length > 0) container.envFrom = others;
  else delete container.envFrom;
}

function usedPaths(containers: readonly Container[], synced: Synced): ReadonlySet<string> {
  const variables = containers.flatMap(({ env }) => env ?? []);
  const imports = containers.flatMap(({ envFrom }) => envFrom ?? []);
  const imported = new Set(imports.map(({ secretRef }) => secretRef?.name));
  return new Set([
    ...variables.flatMap(({ valueFrom }) => pathsIn(valueFrom)),
    ...[...synced]
      .filter(([secretName]) => imported.has(secretName))
      .flatMap(([secretName, keys]) => [...keys.keys()].map((key) => syncedPath(secretName, key))),
  ]);
}

/** Returns the path of our file for a reference to a Secret, and for one that was replaced before; at most one path. */
export function pathsIn(valueFrom: Variable['valueFrom']): string[] {
  const { secretKeyRef, fileKeyRef } = valueFrom ?? {};
  return [
    ...(secretKeyRef ? [syncedPath(secretKeyRef.name ?? '', secretKeyRef.key)] : []),
    ...(fileKeyRef?.volumeName === ENVIRONMENT_VOLUME ? [fileKeyRef.path] : []),
  ];
}

/** Returns the declared Secrets by their names. */
export function syncedSecrets({ synced }: Declaration): Synced {
  return new Map(synced.map(({ secretName, keys }) => [secretName, new Map(keys.map((entry) => [entry.key, entry]))]));
}

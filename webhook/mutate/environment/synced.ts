/**
 * References to the Secrets that the CSI driver would make of a class's secretObjects: nobody makes them here, so that each
 * is given the value itself, as a variable from a file. The class wins: no Secret is ever read.
 */
import { type ConfigObject, type InjectorConfig, isLoaderVariable } from '../../../injector/config.ts';
import type { Declaration, SyncedSecret } from '../../declare/declaration.ts';
import { ENVIRONMENT_VOLUME, isSyncedPath, syncedFrom, syncedPath } from '../../pod/names.ts';
import type { Container, Variable } from '../../pod/pod.ts';
import { fileReference, isOurs, replaceVariables } from './variables.ts';

/** By the names of the Secrets, then by their keys. */
export type Synced = ReadonlyMap<string, ReadonlyMap<string, SyncedSecret['keys'][number]>>;

/** What the API server takes; a Secret with another key could not be made, and its references are left to whoever can. */
const KEY = /^(?!\.{1,2}$|\.\.)[-._a-zA-Z0-9]{1,253}$/;

/** The objects, with a file of one variable for each key that a container refers to. */
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

/** How many variables {@link rewriteReferences} would add. */
export function countImports(served: readonly Container[], declaration: Declaration): number {
  const synced = syncedSecrets(declaration);
  const imports = served.flatMap(({ envFrom }) => envFrom ?? []);
  return imports.reduce((total, { secretRef }) => total + (synced.get(secretRef?.name ?? '')?.size ?? 0), 0);
}

/**
 * Returns the variables that {@link rewriteReferences} would add to the container under the names of a class's keys, without a
 * prefix, and that decide which code its programs load.
 */
export function importedLoaders({ env, envFrom }: Container, declaration: Declaration): string[] {
  const synced = syncedSecrets(declaration);
  const own = new Set((env ?? []).map(({ name }) => name));
  const imports = (envFrom ?? []).filter(({ prefix }) => !prefix);
  const names = imports.flatMap(({ secretRef }) => [...(synced.get(secretRef?.name ?? '')?.keys() ?? [])]);
  return [...new Set(names)].filter((name) => isLoaderVariable(name) && !own.has(name));
}

/** Makes the references of these containers ones to our files. */
export function rewriteReferences(served: readonly Container[], declaration: Declaration): void {
  const synced = syncedSecrets(declaration);
  if (synced.size === 0) return;
  for (const container of served) {
    rewriteKeys(container, (name, key) => synced.get(name)?.has(key) ?? false);
    rewriteImports(container, synced);
  }
}

/** The same for what our container was told in an earlier pass. It knows single keys, not whether they are all. */
export function rewriteFromConfig(served: readonly Container[], config: InjectorConfig): void {
  const paths = new Set(syncedPaths(config));
  if (paths.size === 0) return;
  for (const container of served) rewriteKeys(container, (name, key) => paths.has(syncedPath(name, key)));
}

/** The Secrets that it was told of, by their names, with the keys that were referred to. */
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

/** Makes them references to Secrets again, where what ours writes is not there yet. */
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

/** `envFrom` names no variables, but the class does. What the container sets itself wins, as it does over any envFrom. */
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

/** Of a reference to a Secret, and of one that was rewritten before. */
export function pathsIn(valueFrom: Variable['valueFrom']): string[] {
  const { secretKeyRef, fileKeyRef } = valueFrom ?? {};
  return [
    ...(secretKeyRef ? [syncedPath(secretKeyRef.name ?? '', secretKeyRef.key)] : []),
    ...(fileKeyRef?.volumeName === ENVIRONMENT_VOLUME ? [fileKeyRef.path] : []),
  ];
}

/** The Secrets that the driver could make. */
export function syncedSecrets({ synced }: Declaration): Synced {
  const possible = synced.filter(({ keys }) => keys.every(({ key }) => KEY.test(key)));
  return new Map(
    possible.map(({ secretName, keys }) => [secretName, new Map(keys.map((entry) => [entry.key, entry]))]),
  );
}

/**
 * References to the Secrets that the CSI driver would make of a class's secretObjects: nobody makes them here, so that each
 * is given the value itself, as a variable from a file. The class wins: no Secret is ever read.
 */
import type { ConfigObject } from '../../injector/config.ts';
import type { Declaration, SyncedSecret } from '../declare/declaration.ts';
import { ENVIRONMENT_VOLUME } from '../names.ts';
import type { Container, Pod, Variable } from '../pod.ts';
import { fileReference, isOurs } from './variables.ts';

type Synced = readonly SyncedSecret[];

/** The objects, with a file of one variable for each key that a container refers to. */
export function withSynced(declaration: Declaration, served: readonly Container[]): ConfigObject[] {
  const objects: ConfigObject[] = structuredClone([...declaration.objects]);
  const used = usedPaths(served, declaration.synced);
  const entries = new Map(
    declaration.synced.flatMap(({ secretName, keys }) => keys.map((entry) => [pathOf(secretName, entry.key), entry])),
  );
  for (const [path, { key, object: index, jmesPath }] of entries) {
    const object = objects[index];
    if (!object || !used.has(path)) continue;
    object.environment = [...(object.environment ?? []), { path, key, ...(jmesPath !== undefined && { jmesPath }) }];
  }
  return objects;
}

/** Makes the references of these containers ones to our files. */
export function rewriteReferences(served: readonly Container[], synced: Synced): void {
  for (const container of served) {
    for (const { valueFrom } of container.env ?? []) {
      const { secretKeyRef } = valueFrom ?? {};
      if (!valueFrom || !secretKeyRef || !isSynced(synced, secretKeyRef.name, secretKeyRef.key)) continue;
      const { name, key, optional } = secretKeyRef;
      delete valueFrom.secretKeyRef;
      valueFrom.fileKeyRef = fileReference(pathOf(name ?? '', key), key, optional === true);
    }
    rewriteImports(container, synced);
  }
}

/** `envFrom` names no variables, but the class does. What the container sets itself wins, as it does over any envFrom. */
function rewriteImports(container: Container, synced: Synced): void {
  const imported = new Map<string, Variable>();
  const others = (container.envFrom ?? []).filter(({ prefix, secretRef }) => {
    const secret = synced.find(({ secretName }) => secretName === secretRef?.name);
    for (const { key } of secret?.keys ?? []) {
      const name = `${prefix ?? ''}${key}`;
      const fileKeyRef = fileReference(pathOf(secretRef?.name ?? '', key), key, secretRef?.optional === true);
      imported.set(name, { name, valueFrom: { fileKeyRef } });
    }
    return secret === undefined;
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

/** What is left to a Secret that only the CSI driver would have made, and that must be there by other means. */
export function leftToSecrets(pod: Pod, left: readonly Container[], secretNames: readonly string[]): string[] {
  const names = new Set(secretNames);
  const found = new Map<string, string>();
  const note = (name: unknown, who: string) => {
    if (typeof name === 'string' && names.has(name) && !found.has(name)) found.set(name, who);
  };
  for (const { name, env, envFrom } of left) {
    for (const { valueFrom } of env ?? []) note(valueFrom?.secretKeyRef?.name, `container "${name}"`);
    for (const { secretRef } of envFrom ?? []) note(secretRef?.name, `container "${name}"`);
  }
  for (const { name, secret, ...volume } of pod.spec.volumes ?? []) {
    note(secret?.secretName, `volume "${name}"`);
    const { projected } = volume as { projected?: { sources?: readonly { secret?: { name?: unknown } }[] } };
    for (const source of projected?.sources ?? []) note(source.secret?.name, `volume "${name}"`);
  }
  return [...found].map(([name, who]) => `${who} still needs the Secret "${name}", which the injector does not make`);
}

function usedPaths(containers: readonly Container[], synced: Synced): ReadonlySet<string> {
  const variables = containers.flatMap(({ env }) => env ?? []);
  const imports = containers.flatMap(({ envFrom }) => envFrom ?? []);
  const imported = new Set(imports.map(({ secretRef }) => secretRef?.name));
  return new Set([
    ...variables.flatMap(({ valueFrom }) => pathsIn(valueFrom)),
    ...synced
      .filter(({ secretName }) => imported.has(secretName))
      .flatMap(({ secretName, keys }) => keys.map(({ key }) => pathOf(secretName, key))),
  ]);
}

/** Of a reference to a Secret, and of one that was rewritten before. */
function pathsIn(valueFrom: Variable['valueFrom']): string[] {
  const { secretKeyRef, fileKeyRef } = valueFrom ?? {};
  return [
    ...(secretKeyRef ? [pathOf(secretKeyRef.name ?? '', secretKeyRef.key)] : []),
    ...(fileKeyRef?.volumeName === ENVIRONMENT_VOLUME ? [fileKeyRef.path] : []),
  ];
}

function isSynced(synced: Synced, name: string | null | undefined, key: string): boolean {
  return synced.some(({ secretName, keys }) => secretName === name && keys.some((entry) => entry.key === key));
}

function pathOf(secretName: string, key: string): string {
  return `${secretName}/${key}`;
}

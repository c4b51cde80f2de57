/** Variables that the kubelet takes from our files, in the containers' own `env`. */
import type { ConfigObject } from '../../injector/config.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { ENVIRONMENT_VOLUME } from '../names.ts';
import type { Container, Variable } from '../pod.ts';

type FileReference = NonNullable<NonNullable<Variable['valueFrom']>['fileKeyRef']>;

export function fileReference(path: string, key: string, optional: boolean): FileReference {
  return { volumeName: ENVIRONMENT_VOLUME, path, key, ...(optional && { optional }) };
}

/** A variable of `env`, which we put there: its file is in no folder, unlike one in a Secret's place. */
export function isOurs({ valueFrom }: Variable): boolean {
  const { fileKeyRef } = valueFrom ?? {};
  return fileKeyRef?.volumeName === ENVIRONMENT_VOLUME && !fileKeyRef.path.includes('/');
}

/** The entries that a container gets, where the kubelet delivers them. */
export function entriesOf({ delivery, variables }: Declaration, objects: readonly ConfigObject[]): Variable[] {
  if (delivery !== 'kubelet') return [];
  const files = objects.flatMap(({ environment = [] }) => environment).filter(({ path }) => !path.includes('/'));
  const paths = new Map(files.map(({ key, path }) => [key, path]));
  return variables.map(({ name, optional }) => ({
    name,
    valueFrom: { fileKeyRef: fileReference(paths.get(name) ?? name, name, optional) },
  }));
}

/**
 * Gives a container these entries of ours and no others: those it has stay where they are, the rest goes to the front, where
 * the container's own may refer to them. What it sets itself is left alone.
 */
export function placeEntries(container: Container, entries: readonly Variable[]): void {
  const wanted = new Map(entries.map((entry) => [entry.name, entry]));
  const kept = (container.env ?? []).filter((variable) => !isOurs(variable) || wanted.has(variable.name));
  const names = new Set(kept.map(({ name }) => name));
  const env = kept.map((variable) => {
    const entry = isOurs(variable) ? wanted.get(variable.name) : undefined;
    return entry === undefined || isSame(entry, variable) ? variable : entry;
  });
  const added = entries.filter(({ name }) => !names.has(name));
  if (container.env || added.length > 0) container.env = [...added, ...env];
}

/** The API server writes defaults into what we put there. */
function isSame(one: Variable, other: Variable): boolean {
  const [a, b] = [one.valueFrom?.fileKeyRef, other.valueFrom?.fileKeyRef];
  return a?.path === b?.path && a?.key === b?.key && (a?.optional ?? false) === (b?.optional ?? false);
}

/** The declared variables that a container sets itself, in a sentence. */
export function ownVariables(container: Container, { variables, delivery }: Declaration): string[] {
  if (delivery !== 'kubelet' && delivery !== 'shell') return [];
  const set = new Set((container.env ?? []).filter((variable) => !isOurs(variable)).map(({ name }) => name));
  const names = variables.map(({ name }) => name).filter((name) => set.has(name));
  return names.length === 0
    ? []
    : [`${PREFIX}env: container "${echo(container.name)}" keeps its own ${names.join(', ')}`];
}

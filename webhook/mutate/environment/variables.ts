/** Variables that the kubelet takes from our files, in the containers' own `env`. */
import type { ConfigObject } from '../../../injector/config.ts';
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { ENVIRONMENT_VOLUME } from '../../pod/names.ts';
import type { Container, Variable } from '../../pod/pod.ts';

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
export function makeEntries({ delivery, variables }: Declaration, objects: readonly ConfigObject[]): Variable[] {
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
export function setEntries(container: Container, entries: Variable[]): void {
  const wanted = new Map(entries.map((entry) => [entry.name, entry]));
  const missing = new Map(wanted);
  replaceVariables(container, (variable) => {
    const entry = wanted.get(variable.name);
    if (!isOurs(variable)) {
      if (entry) missing.delete(variable.name);
      return variable;
    }
    missing.delete(variable.name);
    return entry && isSame(entry, variable) ? variable : entry;
  });
  if (missing.size === 0) return;
  // Where nothing else is in it, all containers get the same list, which the patch then holds once.
  container.env =
    container.env || missing.size < entries.length ? [...missing.values(), ...(container.env ?? [])] : entries;
}

/** Gives a container what comes of each of its variables; the list itself stays where nothing comes of any. */
export function replaceVariables(container: Container, replace: (variable: Variable) => Variable | undefined): void {
  const before = container.env ?? [];
  const after: Variable[] = [];
  let isKept = true;
  for (const variable of before) {
    const next = replace(variable);
    isKept &&= next === variable;
    if (next) after.push(next);
  }
  if (!isKept) container.env = after;
}

/** The API server writes defaults into what we put there. */
function isSame(one: Variable, other: Variable): boolean {
  const [a, b] = [one.valueFrom?.fileKeyRef, other.valueFrom?.fileKeyRef];
  return a?.path === b?.path && a?.key === b?.key && (a?.optional ?? false) === (b?.optional ?? false);
}

/** The declared variables that a container sets itself, in a sentence. */
export function warnOfOwnVariables(container: Container, { variables, delivery }: Declaration): string[] {
  if (delivery !== 'kubelet' && delivery !== 'shell') return [];
  const declared = new Set(variables.map(({ name }) => name));
  const own = (container.env ?? []).filter((variable) => declared.has(variable.name) && !isOurs(variable));
  const set = new Set(own.map(({ name }) => name));
  const names = [...declared].filter((name) => set.has(name));
  return names.length === 0
    ? []
    : [`${PREFIX}env: container "${echo(container.name)}" keeps its own ${names.join(', ')}`];
}

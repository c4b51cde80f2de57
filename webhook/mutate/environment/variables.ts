/**
 * Adds variables to the containers that the kubelet sets from our files.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file
 */
import type { ConfigObject } from '../../../injector/contract/config.ts';
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { VOLUMES } from '../../pod/names.ts';
import type { Container, Variable } from '../../pod/pod.ts';

/**
 * Says which parts of the cluster know variables from files, `env[].valueFrom.fileKeyRef`. They are on by default from
 * Kubernetes 1.35 on: https://github.com/kubernetes/enhancements/issues/3721
 */
export type EnvFiles = {
  /** The version of the API server, like `1.34`, for messages. */
  readonly serverVersion: string;
  /** True if the API server knows the field; an older one refuses the pod. */
  readonly server: boolean;
  /** True if at least one node is known and none is too old: the kubelet of an old node sets an empty variable. */
  readonly everyNode: boolean;
};

type FileReference = NonNullable<NonNullable<Variable['valueFrom']>['fileKeyRef']>;

/** Returns the reference to the variable `key` in the file `path` of the environment volume. */
export function fileReference(path: string, key: string, optional: boolean): FileReference {
  return { volumeName: VOLUMES.environment, path, key, ...(optional && { optional }) };
}

/**
 * Returns whether we added the variable for the annotation `env`. Its file is in no folder, unlike that of a synced
 * Secret.
 */
export function isOurs({ valueFrom }: Variable): boolean {
  const { fileKeyRef } = valueFrom ?? {};
  return fileKeyRef?.volumeName === VOLUMES.environment && !fileKeyRef.path.includes('/');
}

/** Returns the variables that each chosen container gets; none unless the kubelet delivers them. */
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
 * Gives a container these variables of ours and no others. Those that it has stay where they are. The rest goes to the
 * front, so that the container's own variables can refer to them. A variable that the container sets itself is left as
 * it is.
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
  // Containers without variables of their own get the same list, which the patch then has only once.
  container.env =
    container.env || missing.size < entries.length ? [...missing.values(), ...(container.env ?? [])] : entries;
}

/**
 * Replaces each variable of a container, or removes it for undefined. If none changes, the list stays the very same.
 */
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

/** Returns whether both are the same reference to a file, apart from the defaults that the API server adds. */
function isSame(one: Variable, other: Variable): boolean {
  const [a, b] = [one.valueFrom?.fileKeyRef, other.valueFrom?.fileKeyRef];
  return a?.path === b?.path && a?.key === b?.key && (a?.optional ?? false) === (b?.optional ?? false);
}

/** Returns the warning about declared variables that a container sets itself, or an empty list if there are none. */
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

/**
 * Adds variables to the containers that the kubelet sets from our files.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file
 */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { memoizeByObject, memoizeLast } from '../../declare/memoize.ts';
import { VOLUMES } from '../../pod/names.ts';
import type { Container, Variable } from '../../pod/pod.ts';
import { share } from '../../pod/shared.ts';

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
  const fileKeyRef = valueFrom?.fileKeyRef;
  return fileKeyRef?.volumeName === VOLUMES.environment && !fileKeyRef.path.includes('/');
}

/** Returns the variables that each chosen container gets; none unless the kubelet delivers them. */
export const makeEntries = memoizeLast(
  ({ objects }: Pick<InjectorConfig, 'objects'>, { delivery, variables }: Declaration): readonly Variable[] => {
    if (delivery !== 'kubelet') return [];
    const files = objects.flatMap(({ environment = [] }) => environment).filter(({ path }) => !path.includes('/'));
    const paths = new Map(files.map(({ key, path }) => [key, path]));
    const entries: Variable[] = variables.map(({ name, optional }) => ({
      name,
      valueFrom: { fileKeyRef: fileReference(paths.get(name) ?? name, name, optional) },
    }));
    return share(entries.map(share));
  },
);

/**
 * Gives each receiver these variables of ours and no others, and the other containers none. Those that a container has
 * stay where they are. The rest goes to the front, so that the container's own variables can refer to them. A variable
 * that the container sets itself is left as it is.
 */
export function setEntries(
  containers: readonly Container[],
  receivers: ReadonlySet<Container>,
  entries: readonly Variable[],
): void {
  const byName = entriesByName(entries);
  for (const container of containers) {
    if (receivers.has(container)) setOwn(container, entries, byName);
    else setOwn(container, [], NO_ENTRIES);
  }
}

const NO_ENTRIES: ReadonlyMap<string, Variable> = new Map();

const entriesByName = memoizeByObject(
  (entries: readonly Variable[]): ReadonlyMap<string, Variable> => new Map(entries.map((entry) => [entry.name, entry])),
);

function setOwn(container: Container, entries: readonly Variable[], byName: ReadonlyMap<string, Variable>): void {
  const present: string[] = [];
  replaceVariables(container, (variable) => {
    const entry = byName.get(variable.name);
    if (entry) present.push(variable.name);
    if (!isOurs(variable)) return variable;
    return entry && isSame(entry, variable) ? variable : entry;
  });
  const set = new Set(present);
  const missing = present.length === 0 ? entries : entries.filter(({ name }) => !set.has(name));
  if (missing.length === 0) return;
  // Containers without variables of their own get the same list, which the patch then has only once.
  container.env = container.env ? [...missing, ...container.env] : missing;
}

/**
 * Replaces each variable of a container, or removes it for undefined. If none changes, the list stays the very same.
 */
export function replaceVariables(container: Container, replace: (variable: Variable) => Variable | undefined): void {
  const before = container.env ?? [];
  let after: Variable[] | undefined;
  let same = 0;
  for (const variable of before) {
    const next = replace(variable);
    if (next !== variable) after ??= before.slice(0, same);
    if (after === undefined) same += 1;
    else if (next) after.push(next);
  }
  if (after) container.env = after;
}

/** Returns whether both are the same reference to a file, apart from the defaults that the API server adds. */
function isSame(one: Variable, other: Variable): boolean {
  const [a, b] = [one.valueFrom?.fileKeyRef, other.valueFrom?.fileKeyRef];
  return a?.path === b?.path && a?.key === b?.key && (a?.optional ?? false) === (b?.optional ?? false);
}

const namesOf = memoizeByObject(
  (variables: Declaration['variables']): ReadonlySet<string> => new Set(variables.map(({ name }) => name)),
);

/** Returns the warning about declared variables that a container sets itself, or an empty list if there are none. */
export function warnOfOwnVariables(container: Container, { variables, delivery }: Declaration): string[] {
  if (delivery !== 'kubelet' && delivery !== 'shell') return [];
  const declared = namesOf(variables);
  const own = (container.env ?? []).filter((variable) => declared.has(variable.name) && !isOurs(variable));
  if (own.length === 0) return [];
  const set = new Set(own.map(({ name }) => name));
  const names = [...declared].filter((name) => set.has(name));
  return [`${PREFIX}env: container "${echo(container.name)}" keeps its own ${names.join(', ')}`];
}

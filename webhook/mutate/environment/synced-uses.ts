/**
 * Finds the variables of containers that refer to synced Secrets, and decides who sets each: the container's shell with
 * `env-delivery: shell`, else the kubelet.
 */
import type { ConfigObject } from '../../../injector/contract/config.ts';
import { isSyncedPath, syncedFrom, syncedPath } from '../../../injector/contract/synced.ts';
import { isIdentifier, isOwnedByShells } from '../../../injector/contract/variables.ts';
import type { Declaration, SyncedSecret } from '../../declare/declaration.ts';
import { memoizeByObject } from '../../declare/memoize.ts';
import { VOLUMES } from '../../pod/names.ts';
import type { Container, Pod, Variable } from '../../pod/pod.ts';
import { earlierContainers, otherContainers } from '../position.ts';
import { receiversOf } from '../receivers.ts';

/** The synced Secrets by their names, each with its keys. */
export type Synced = ReadonlyMap<string, ReadonlyMap<string, SyncedSecret['keys'][number]>>;

/** Describes one variable of a container that gets its value from a key of a synced Secret. */
export type SyncedUse = {
  readonly container: Container;
  readonly variable: string;
  readonly secretName: string;
  readonly key: string;
  /** True if a shell could set the variable: it has the name, and the kubelet does not have to expand it elsewhere. */
  readonly isForShells: boolean;
  /** `none`: the API server is too old for variables from files, and no shell sets the variable. */
  readonly by: 'shell' | 'kubelet' | 'none';
};

/** Returns the declared Secrets by their names. */
export const syncedSecrets = memoizeByObject(
  ({ synced }: Declaration): Synced =>
    new Map(synced.map(({ secretName, keys }) => [secretName, new Map(keys.map((entry) => [entry.key, entry]))])),
);

/**
 * The most variables that all containers together may get. A pod with more does not fit into etcd, which takes 1.5 MiB
 * in one request: https://etcd.io/docs/v3.6/dev-guide/limit/
 */
export const VARIABLES_LIMIT = 10_000;

/** Returns how many variables the containers import from synced Secrets by `envFrom`. */
export function countImports(containers: readonly Container[], synced: Synced): number {
  if (synced.size === 0) return 0;
  const imports = containers.flatMap(({ envFrom }) => envFrom ?? []);
  return imports.reduce((total, { secretRef }) => total + (synced.get(secretRef?.name ?? '')?.size ?? 0), 0);
}

/**
 * Returns all uses of synced Secrets in the containers that run after the injected one. `byKubelet` says whether the API
 * server knows variables from files.
 */
export function syncedUses(pod: Pod, declaration: Declaration, byKubelet: boolean): SyncedUse[] {
  const synced = syncedSecrets(declaration);
  const known = knownPaths(declaration);
  if (known.size === 0) return [];
  const others = otherContainers(pod);
  // A pod with too many is refused, and nobody needs the uses of it.
  if (countImports(others, synced) > VARIABLES_LIMIT) return [];
  const early = new Set(earlierContainers(pod, declaration.position));
  const served = others.filter((container) => !early.has(container));
  const isShell = declaration.delivery === 'shell';
  const started = new Set(isShell ? receiversOf(pod, served, declaration).filter(hasCommand) : []);
  return served.flatMap((container) => {
    const isForShells = shellTest(container);
    const decide = (references: readonly Reference[]): SyncedUse[] => {
      // An import is one entry of the pod: an old API server has it as a whole or not at all.
      const isWhole = byKubelet || references.every(({ variable }) => isForShells(variable));
      return references.map((reference) => {
        const canSet = isForShells(reference.variable);
        const by = started.has(container) && canSet && isWhole ? 'shell' : byKubelet ? 'kubelet' : 'none';
        return { ...reference, container, isForShells: canSet, by };
      });
    };
    const own = new Set((container.env ?? []).map(({ name }) => name));
    const references = (container.env ?? []).flatMap((variable) => referencesOf(variable, known));
    const imports = importsOf(container, synced).map((list) => list.filter(({ variable }) => !own.has(variable)));
    return [...references.flatMap((reference) => decide([reference])), ...imports.flatMap(decide)];
  });
}

/** Returns whether the pod names the command of the container; else it is that of the image, which nobody knows here. */
export function hasCommand({ command }: Container): boolean {
  return command != null && command.length > 0;
}

/** Returns the names in all `$(NAME)` of the container, which the kubelet expands before any shell starts. */
export function expandedNames({ command, args, env }: Container): ReadonlySet<string> {
  const texts = [...(command ?? []), ...(args ?? []), ...(env ?? []).map(({ value }) => value ?? '')];
  return new Set(texts.flatMap((text) => [...text.matchAll(/\$\(([^()]+)\)/g)].map(([, name = '']) => name)));
}

/** Returns the path of our file for a reference to a Secret, and for one that was replaced before; at most one path. */
export function pathsIn(valueFrom: Variable['valueFrom']): string[] {
  const { secretKeyRef, fileKeyRef } = valueFrom ?? {};
  return [
    ...(secretKeyRef ? [syncedPath(secretKeyRef.name ?? '', secretKeyRef.key)] : []),
    ...(fileKeyRef?.volumeName === VOLUMES.environment ? [fileKeyRef.path] : []),
  ];
}

type Reference = Pick<SyncedUse, 'variable' | 'secretName' | 'key'>;

/** Returns the paths of all files of the objects that replace keys of synced Secrets. */
export const syncedPaths = memoizeByObject((objects: readonly Pick<ConfigObject, 'environment'>[]): readonly string[] =>
  objects.flatMap(({ environment = [] }) => environment.map(({ path }) => path)).filter(isSyncedPath),
);

/** Returns the paths of all keys that the classes declare, or that the previous injection knows. */
export const knownPaths = memoizeByObject((declaration: Declaration): ReadonlySet<string> => {
  const synced = [...syncedSecrets(declaration)];
  const declared = synced.flatMap(([name, keys]) => [...keys.keys()].map((key) => syncedPath(name, key)));
  return new Set([...declared, ...syncedPaths(declaration.objects)]);
});

function referencesOf({ name, valueFrom }: Variable, known: ReadonlySet<string>): Reference[] {
  return pathsIn(valueFrom).flatMap((path) => {
    const secret = known.has(path) ? syncedFrom(path) : undefined;
    return secret === undefined ? [] : [{ variable: name, secretName: secret.name, key: secret.key }];
  });
}

/** Returns a list for each entry of `envFrom` with a synced Secret. Of two with one name the later one counts. */
function importsOf({ envFrom }: Container, synced: Synced): Reference[][] {
  const names = new Set<string>();
  const imports = (envFrom ?? []).toReversed().map(({ prefix, secretRef }) => {
    const secretName = secretRef?.name ?? '';
    const all = [...(synced.get(secretName)?.keys() ?? [])].map((key) => ({
      variable: `${prefix ?? ''}${key}`,
      secretName,
      key,
    }));
    const own = all.filter(({ variable }) => !names.has(variable));
    for (const { variable } of own) names.add(variable);
    return own;
  });
  return imports.toReversed();
}

/** Returns a function that says whether a shell could set a variable of the container. */
function shellTest(container: Container): (variable: string) => boolean {
  const expanded = expandedNames(container);
  const [once, twice] = [new Set<string>(), new Set<string>()];
  for (const { name } of container.env ?? []) (once.has(name) ? twice : once).add(name);
  return (name) => isIdentifier(name) && !isOwnedByShells(name) && !expanded.has(name) && !twice.has(name);
}

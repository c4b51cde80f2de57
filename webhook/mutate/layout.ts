/** Decides what each container gets, before anything is changed, and refuses what can not be given. */

import type { InjectorConfig } from '../../injector/contract/config.ts';
import { ENVIRONMENT_DIRECTORY } from '../../injector/contract/names.ts';
import type { Version } from '../admission/kubernetes-version.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { memoizeLast } from '../declare/memoize.ts';
import type { SecretObject } from '../declare/provider-class.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Container, Pod, Variable, VolumeMount } from '../pod/pod.ts';
import type { Previous } from '../reinvocation/previous.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type FilledVolume, filledVolumes } from './container/size.ts';
import { chooseUser, type RunAs } from './container/user.ts';
import { declaresVariables, refuseNoCommand, isShell as startsThroughShell } from './environment/shell.ts';
import { shellVariables } from './environment/synced.ts';
import { countImports, hasCommand, syncedSecrets, syncedUses, VARIABLES_LIMIT } from './environment/synced-uses.ts';
import type { EnvFiles } from './environment/variables.ts';
import { isOurs, makeEntries } from './environment/variables.ts';
import { hasMount, makeMounts, refuseEarlyReaders } from './mounts.ts';
import { earlierContainers, otherContainers } from './position.ts';
import { receiversOf } from './receivers.ts';
import { refusePaths } from './taken-paths.ts';
import { refuseUnknown } from './unknown-containers.ts';
import { hasVolumes } from './volumes.ts';

const ANOTHER_FOLDER = `choose another ${PREFIX}mount-path`;

/** The most mounts that all containers together may get, as many as they may bring. */
const MOUNTS_LIMIT = 10_000;

/** Everything that the webhook knows when it changes a pod. */
export type Plan = {
  readonly declaration: Declaration;
  /** The configuration of the injected container; the very object in `previous` if it is the same. */
  readonly config: InjectorConfig;
  /** The previous injection; undefined if the pod has none. */
  readonly previous: Previous | undefined;
  readonly settings: AdmissionSettings;
  readonly envFiles: EnvFiles;
  /** The version of the API server; undefined if nothing of the pod depends on it. */
  readonly serverVersion?: Version | undefined;
  /** The Secrets that the CSI driver would make, also those that nothing stands in for. */
  readonly unsynced: readonly Pick<SecretObject, 'secretName' | 'type'>[];
};

export type Layout = {
  /** The volumes in memory that the injected container fills. */
  readonly filled: readonly FilledVolume[];
  /** The mounts that each chosen container gets. */
  readonly mounts: readonly VolumeMount[];
  /** The containers that start through a shell, which sets their variables. */
  readonly shell: readonly Container[];
  /** The variables that the kubelet sets from files. */
  readonly entries: readonly Variable[];
  /** All containers of the pod except ours. */
  readonly others: readonly Container[];
  /** The init containers that run before ours. */
  readonly earlier: readonly Container[];
  /** The others, which run after ours. */
  readonly served: readonly Container[];
  /** The containers that get the mount and the variables. */
  readonly chosen: readonly Container[];
  /** The chosen containers that have neither yet. */
  readonly added: readonly Container[];
  /** The uid and gid of the injected container. */
  readonly user: RunAs;
  /** The previous injection, if it has the same configuration and so stays. */
  readonly kept?: Previous;
};

/** Returns what each container of the pod gets. The pod may have a previous injection. */
export function makeLayout(pod: Pod, { declaration, config, previous }: Plan): Layout {
  const { mountPath, containers: names } = declaration;
  const filled = filledVolumes(config);
  const mounts = makeMounts(config, mountPath);
  const isForAll = declaration.delivery === 'shell' && declaresVariables(declaration);
  const ownVariables = shellVariables(config);
  const others = otherContainers(pod);
  const earlier = earlierContainers(pod, declaration.position);
  const early = earlier.length === 0 ? NONE : new Set(earlier);
  const served = earlier.length === 0 ? others : others.filter((container) => !early.has(container));
  const isSame = config === previous?.config && hasVolumes(pod, filled, config);
  const entries = makeEntries(config, declaration);
  const marked = isSame ? markedAmong(others, mounts) : NONE;
  // A copy that a user edited has no marks although there is something to mark: it is injected anew.
  const markable = () =>
    mounts.length > 0 || isForAll || ownVariables.size > 0 || served.some((container) => lacksAny(container, entries));
  const kept = isSame && (marked.size > 0 || !markable()) ? previous : undefined;
  const chosen =
    kept && !names ? [...marked].filter((container) => !early.has(container)) : receiversOf(pod, served, declaration);
  const added = kept ? chosen.filter((container) => !marked.has(container)) : chosen;
  const user = chooseUser(pod, declaration, kept?.container);
  const receivers = new Set(chosen);
  const shell = served.filter(
    (one) => (isForAll && receivers.has(one)) || (ownVariables.has(one.name) && hasCommand(one)),
  );
  return { filled, mounts, shell, entries, others, earlier, served, chosen, added, user, ...(kept && { kept }) };
}

/** Returns a refusal for everything that the pod asks for and that can not be given. */
export function refuseLayout(pod: Pod, plan: Plan, layout: Layout): Refusal[] {
  const { declaration } = plan;
  const { mountPath, containers } = declaration;
  const { filled, mounts, shell, entries, earlier, served, chosen, added } = layout;
  const isShell = declaration.delivery === 'shell';
  const gives = mounts.length > 0 || isShell || entries.length > 0;
  const names = new Set(containers);
  const early = gives ? earlier.filter(({ name }) => names.has(name)) : [];
  const each = isShell || entries.length > 0 ? declaration.variables.length : 0;
  const count = each * chosen.length + countImports(served, syncedSecrets(declaration));
  const mountCount = mounts.length * chosen.length;
  return [
    ...refuseUnknown(pod, containers),
    ...early.map(runsBefore),
    ...refuseEarlyReaders(earlier, filled),
    ...(count > VARIABLES_LIMIT ? [tooMany(count, 'variables', VARIABLES_LIMIT)] : []),
    ...(mountCount > MOUNTS_LIMIT ? [tooMany(mountCount, 'mounts', MOUNTS_LIMIT)] : []),
    ...refusePaths(added, pathsOf(mounts, mountPath).folder, ANOTHER_FOLDER),
    ...refusePaths(added, pathsOf(mounts, mountPath).files, 'choose another path for the file'),
    ...(isShell ? refuseShell(pod, plan, layout) : []),
    ...refusePaths(shell, SHELL_PATHS, 'mount it elsewhere'),
  ];
}

const SHELL_PATHS = [ENVIRONMENT_DIRECTORY];

/** Returns the path of the mount of all files, if there is one, and those of the mounts of single files. */
const pathsOf = memoizeLast((mounts: readonly VolumeMount[], mountPath: string) => {
  const paths = mounts.map((mount) => mount.mountPath);
  return {
    folder: paths.filter((path) => path === mountPath),
    files: paths.filter((path) => path !== mountPath),
  };
});

/** Returns the refusals of `env-delivery: shell`: containers that no shell can start, and a pod that has no variable for one. */
function refuseShell(pod: Pod, { declaration, envFiles }: Plan, { chosen, shell }: Layout): Refusal[] {
  const isForAll = declaresVariables(declaration);
  const settable = syncedUses(pod, declaration, envFiles.server).filter(({ isForShells }) => isForShells);
  const uses = Map.groupBy(settable, ({ container }) => container);
  const concerned = chosen.filter((container) => isForAll || uses.has(container));
  const refusals = refuseNoCommand({ containers: concerned, uses, declaration, isNewServer: envFiles.server });
  if (isForAll || shell.length > 0 || refusals.length > 0) return refusals;
  const message =
    'env-delivery: no variables are declared, and no container has a variable from a Secret of a SecretProviderClass that its shell could set; ' +
    'remove env-delivery';
  return [refusal('ASI_ADMIT_ENV_FILE', message)];
}

const NONE: ReadonlySet<Container> = new Set();

/** Returns the containers with a mount, a variable or a shell of ours: the previous injection chose them then. */
function markedAmong(containers: readonly Container[], mounts: readonly VolumeMount[]): ReadonlySet<Container> {
  const paths = new Set(mounts.map((mount) => mount.mountPath));
  const isMarked = (container: Container) =>
    hasMount(container, paths) || (container.env?.some(isOurs) ?? false) || startsThroughShell(container);
  return new Set(containers.filter(isMarked));
}

/** Returns whether the container sets not all of these variables itself, so that it would get some. */
function lacksAny({ env }: Container, entries: readonly Variable[]): boolean {
  const missing = new Set(entries.map(({ name }) => name));
  for (const { name } of env ?? []) missing.delete(name);
  return missing.size > 0;
}

function tooMany(count: number, what: string, limit: number): Refusal {
  return refusal(
    'ASI_ADMIT_TOO_LARGE',
    `The containers would get ${count} ${what} together, more than ${limit}: name those that need them in ${PREFIX}containers.`,
  );
}

function runsBefore({ name }: Container): Refusal {
  return refusal(
    'ASI_ADMIT_RUNS_BEFORE',
    `Annotation ${PREFIX}containers names the init container "${echo(name)}", which runs before the injected one: ` +
      `take it out, or choose another ${PREFIX}position.`,
  );
}

/** Implements `env-delivery: shell`: the container's own /bin/sh starts, sources our file and becomes the command. */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import {
  ENVIRONMENT_DIRECTORY,
  SHELL_FILE,
  SHELL_FOLDER,
  SHELL_KEEP,
  shellFolderOf,
} from '../../../injector/contract/names.ts';
import { isIdentifier } from '../../../injector/contract/variables.ts';
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { VOLUMES } from '../../pod/names.ts';
import type { Container, VolumeMount } from '../../pod/pod.ts';
import { shellVariables, takeShellVariables } from './synced.ts';
import { hasCommand, type SyncedUse } from './synced-uses.ts';

const SHELL = ['/bin/sh', '-c'] as const;

/** The shell gets this name as `$0`; the command and its arguments are `$1` and what follows. */
const NAME = 'sh';

/**
 * Makes the `started` containers start through their shells, and takes the shell out of all others. Each served container loses
 * the variables that its shell sets. `served` has the containers that run after the injected one.
 */
export function setShells(
  containers: readonly Container[],
  started: ReadonlySet<Container>,
  served: readonly Container[],
  config: InjectorConfig,
): void {
  const variables = shellVariables(config);
  takeShellVariables(
    served.filter((container) => started.has(container)),
    variables,
  );
  for (const container of containers) {
    const folder = variables.has(container.name) ? shellFolderOf(container.name) : SHELL_FOLDER;
    setShell(container, started.has(container), folder);
  }
}

/**
 * Makes the container start through the shell, or takes the shell out again where it is not `wanted`. The `args` of the
 * container follow its command as before. `folder` is the folder of the volume that has the file of the container.
 */
function setShell(container: Container, wanted: boolean, folder: string): void {
  const command = unwrapped(container.command ?? []);
  if (wanted) container.command = [...SHELL, scriptFor(container), NAME, ...command];
  else if (isWrapped(container.command ?? [])) container.command = command;
  const mounts = container.volumeMounts ?? [];
  const present = mounts.filter(isShellMount);
  const [first] = present;
  if (wanted ? present.length === 1 && first && isAsMade(first, folder) : present.length === 0) return;
  const others = mounts.filter((mount) => !isShellMount(mount));
  container.volumeMounts = wanted ? [...others, { ...MOUNT, subPath: folder }] : others;
}

type ShellNeeds = {
  /** The containers that get variables. */
  readonly containers: readonly Container[];
  /** The references to synced Secrets, by the container. */
  readonly uses: ReadonlyMap<Container, readonly SyncedUse[]>;
  readonly declaration: Pick<Declaration, 'variables' | 'objects' | 'searches'>;
  /** True if the API server knows variables from files. */
  readonly isNewServer: boolean;
};

/**
 * Returns a refusal for each container that leaves its command to the image, as the webhook does not know that command.
 * It names what is left for this pod, and nothing that the webhook would refuse.
 */
export function refuseNoCommand(needs: ShellNeeds): Refusal[] {
  const { containers, uses, declaration } = needs;
  return containers
    .filter((container) => !hasCommand(container))
    .map((container) => {
      const [use] = uses.get(container) ?? [];
      const isSynced = use !== undefined && !declaresVariables(declaration);
      const why = isSynced ? ` for ${echo(use.variable)} from the Secret "${echo(use.secretName)}"` : '';
      return refusal(
        'ASI_ADMIT_NO_COMMAND',
        `Container "${echo(container.name)}" has no command of its own, which env-delivery: shell needs${why}, as the one of the image is ` +
          `not known: ${waysWithoutCommand(needs, use).join(', or ')}.`,
      );
    });
}

function waysWithoutCommand(needs: ShellNeeds, use: SyncedUse | undefined): string[] {
  const { containers, declaration, isNewServer } = needs;
  const started = containers.filter(hasCommand).map(({ name }) => echo(name));
  // Without variables from files, a container that is left out has no value of a synced Secret at all.
  const mayLeaveOut = started.length > 0 && (use === undefined || isNewServer);
  const isForAll = declaresVariables(declaration);
  const kubelet = isForAll ? 'use env-delivery: kubelet' : 'remove env-delivery';
  return [
    "write the image's ENTRYPOINT and CMD into the pod as command",
    ...(mayLeaveOut ? [`name only the others with ${PREFIX}containers: ${started.join(', ')}`] : []),
    ...(isForAll ? [`deliver the values as files (${PREFIX}files)`] : []),
    ...(use && !isForAll ? [`${LET_READ_FILE}${started.length > 0 ? '' : ', and remove env-delivery'}`] : []),
    ...(isNewServer && !hasExpansions(declaration)
      ? [`${kubelet} if no value has a single quote or a Windows line end or is empty`]
      : []),
  ];
}

const LET_READ_FILE =
  'let the container read the file of the SecretProviderClass and take its references to the Secret out of the pod';

/** Returns whether an annotation declares variables, which all chosen containers get. */
export function declaresVariables(declaration: ShellNeeds['declaration']): boolean {
  return declaration.variables.length > 0 || hasExpansions(declaration);
}

function hasExpansions({ objects, searches }: ShellNeeds['declaration']): boolean {
  return [...objects, ...searches].some((one) => 'expansions' in one);
}

/** Returns whether the container starts through the shell already. */
export function isShell({ command }: Container): boolean {
  return isWrapped(command ?? []);
}

/** Shows one folder of the volume: the files beside it are values of other containers, which may have the same user. */
const MOUNT: VolumeMount = {
  name: VOLUMES.environment,
  mountPath: ENVIRONMENT_DIRECTORY,
  readOnly: true,
};

/** The script must not have `$(` in it, which the kubelet would expand. */
function scriptFor({ env }: Container): string {
  const names = (env ?? []).map(({ name }) => name).filter(isIdentifier);
  const keep = [...new Set(names)].map((name) => `${name} `).join('');
  return `${SHELL_KEEP}=' ${keep}'; . ${ENVIRONMENT_DIRECTORY}/${SHELL_FILE} && unset ${SHELL_KEEP} && exec "$@"`;
}

function isWrapped(command: readonly string[]): boolean {
  const [shell, flag, script, name] = command;
  return shell === SHELL[0] && flag === SHELL[1] && name === NAME && (script?.startsWith(`${SHELL_KEEP}=' `) ?? false);
}

function unwrapped(command: readonly string[]): string[] {
  return isWrapped(command) ? command.slice(SHELL.length + 2) : [...command];
}

/** Returns whether the shell delivery made the mount, in this version or in an earlier one. */
export function isShellMount({ name, mountPath }: VolumeMount): boolean {
  return name === VOLUMES.environment && mountPath === ENVIRONMENT_DIRECTORY;
}

function isAsMade({ readOnly, subPath }: VolumeMount, folder: string): boolean {
  return readOnly === true && subPath === folder;
}

/** Implements `env-delivery: shell`: the container's own /bin/sh starts, sources our file and becomes the command. */
import { ENVIRONMENT_DIRECTORY, SHELL_FILE, SHELL_FOLDER, SHELL_KEEP } from '../../../injector/contract/names.ts';
import { isIdentifier } from '../../../injector/contract/variables.ts';
import { echo } from '../../declare/echo.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { ENVIRONMENT_VOLUME } from '../../pod/names.ts';
import type { Container, VolumeMount } from '../../pod/pod.ts';

const SHELL = ['/bin/sh', '-c'] as const;

/** The shell gets this name as `$0`; the command and its arguments are `$1` and what follows. */
const NAME = 'sh';

/**
 * Makes the container start through the shell, or takes the shell out again where it is not `wanted`. The `args` of the
 * container follow its command as before.
 */
export function setShell(container: Container, wanted: boolean): void {
  const command = unwrapped(container.command ?? []);
  if (wanted) container.command = [...SHELL, scriptFor(container), NAME, ...command];
  else if (isWrapped(container.command ?? [])) container.command = command;
  const mounts = container.volumeMounts ?? [];
  const present = mounts.filter(isShellMount);
  const [first] = present;
  if (wanted ? present.length === 1 && first && isAsMade(first) : present.length === 0) return;
  const others = mounts.filter((mount) => !isShellMount(mount));
  container.volumeMounts = wanted ? [...others, MOUNT] : others;
}

/**
 * Returns a refusal for each container that leaves its command to the image, as the webhook does not know that command.
 * It says what is left, and names the kubelet only if that could deliver the variables (`isKubeletLeft`).
 */
export function refuseNoCommand(chosen: readonly Container[], isKubeletLeft: boolean): Refusal[] {
  const kubelet = isKubeletLeft
    ? ', or use env-delivery: kubelet if no value has a single quote or a Windows line end or is empty'
    : '';
  return chosen
    .filter(({ command }) => !command || command.length === 0)
    .map(({ name }) =>
      refusal(
        'ASI_ADMIT_NO_COMMAND',
        `Container "${echo(name)}" has no command of its own, which env-delivery: shell needs, as the one of the image is not known: ` +
          "write the image's ENTRYPOINT and CMD into the pod as command, or name only the other containers in " +
          `aws-secrets-injector.dev/containers, or deliver the values as files (aws-secrets-injector.dev/files)${kubelet}.`,
      ),
    );
}

/** Returns whether the container starts through the shell already. */
export function isShell({ command }: Container): boolean {
  return isWrapped(command ?? []);
}

/** Shows one folder of the volume: the files beside it are values of other containers, which may have the same user. */
const MOUNT: VolumeMount = {
  name: ENVIRONMENT_VOLUME,
  mountPath: ENVIRONMENT_DIRECTORY,
  readOnly: true,
  subPath: SHELL_FOLDER,
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
  return name === ENVIRONMENT_VOLUME && mountPath === ENVIRONMENT_DIRECTORY;
}

function isAsMade({ readOnly, subPath }: VolumeMount): boolean {
  return readOnly === true && subPath === SHELL_FOLDER;
}

/**
 * Mounts the secrets into the chosen containers, and makes the mounts of volumes that were taken over read-only. In a
 * reinvocation the mounts show which containers were chosen before: one without a mount was not, unless the annotation
 * names it.
 */
import { posix } from 'node:path';
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { type Refusal, refusal } from '../errors.ts';
import { ENVIRONMENT_VOLUME, SECRETS_VOLUME, TOKEN_VOLUME } from '../pod/names.ts';
import type { Container, Pod, VolumeMount } from '../pod/pod.ts';
import type { FilledVolume } from './container/size.ts';
import { isShellMount } from './environment/shell.ts';
import { otherContainers } from './position.ts';

const ANOTHER_PATH = 'choose another aws-secrets-injector.dev/mount-path';

/** Returns a refusal for each container that mounts something else at `path`, above it or below it. */
export function refusePaths(chosen: readonly Container[], path: string, fix = ANOTHER_PATH): Refusal[] {
  return chosen.flatMap((container) => {
    const foreign = (container.volumeMounts ?? []).filter(
      (mount) => !isOurs(mount) && mount.name !== ENVIRONMENT_VOLUME,
    );
    const mounts = foreign.map(({ mountPath }) => mountPath);
    const devices = (container.volumeDevices ?? []).map(({ devicePath }) => devicePath);
    const taken = [...mounts, ...devices].find((other) => collide(posix.resolve('/', other), path));
    if (taken === undefined) return [];
    return refusal(
      'ASI_ADMIT_PATH_TAKEN',
      `Container "${echo(container.name)}" already mounts "${echo(taken)}", which collides with the secrets at "${echo(path)}": ` +
        `${fix}, or name the containers that need them in aws-secrets-injector.dev/containers.`,
    );
  });
}

/**
 * Returns a refusal for each container that mounts a volume which is for the injected one only: the token for AWS, and
 * the values of all containers' variables. The shell delivery's own mount is none of these.
 */
export function refuseMounts(pod: Pod, filled: readonly FilledVolume[]): Refusal[] {
  const isFilled = filled.some(({ name }) => name === ENVIRONMENT_VOLUME);
  const names = new Set<string>(isFilled ? [TOKEN_VOLUME, ENVIRONMENT_VOLUME] : [TOKEN_VOLUME]);
  return otherContainers(pod).flatMap((container) => {
    const mount = container.volumeMounts?.find((one) => names.has(one.name) && !isShellMount(one));
    if (!mount) return [];
    return refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `Container "${echo(container.name)}" mounts the volume "${mount.name}", which only the injected container may mount: take the mount out.`,
    );
  });
}

/**
 * Adds the mount at `path` to the chosen containers and takes it from all others. With `replacing`, our mounts at other
 * paths are taken out too.
 */
export function setMounts(pod: Pod, chosen: readonly Container[], path: string, replacing: boolean): void {
  const receivers = new Set(chosen);
  const mount = mountAt(path);
  for (const container of otherContainers(pod)) {
    let ours: VolumeMount | undefined = receivers.has(container) ? mount : undefined;
    const mounts = (container.volumeMounts ?? []).flatMap((one) => {
      if (!isOurs(one) || (!replacing && one.mountPath !== path)) return [one];
      const here = ours ? [ours] : [];
      ours = undefined;
      return here;
    });
    if (ours) mounts.push(ours);
    if (mounts.length > 0 || container.volumeMounts) container.volumeMounts = mounts;
  }
}

/** Returns whether the container has our mount of the secrets at `path`. */
export function hasMount(container: Container, path: string): boolean {
  return container.volumeMounts?.some((mount) => isOurs(mount) && mount.mountPath === path) ?? false;
}

function mountAt(path: string): VolumeMount {
  return { name: SECRETS_VOLUME, mountPath: path, readOnly: true };
}

/**
 * A user may mount our volume once more in a way that the injector does not. Such a mount is the user's own and stays.
 */
function isOurs({ name, readOnly, subPath, subPathExpr }: VolumeMount): boolean {
  return name === SECRETS_VOLUME && readOnly === true && !subPath && !subPathExpr;
}

/** Both paths must be free of "//", "/./" and "/../", as the kubelet resolves these. */
function collide(one: string, two: string): boolean {
  return within(one, two) || within(two, one);
}

function within(child: string, parent: string): boolean {
  return child === parent || child.startsWith(parent === '/' ? parent : `${parent}/`);
}

/** Returns those of the filled volumes that were taken over: they are the pod's own, not the injector's. */
export function takenOverVolumes(filled: readonly FilledVolume[]): FilledVolume[] {
  return filled.filter(({ name }) => name !== SECRETS_VOLUME && name !== ENVIRONMENT_VOLUME);
}

/** Makes each mount of a volume that was taken over read-only, as the CSI driver does whatever a container asks for. */
export function makeReadOnly(containers: readonly Container[], filled: readonly FilledVolume[]): void {
  const names = new Set(takenOverVolumes(filled).map(({ name }) => name));
  if (names.size === 0) return;
  for (const container of containers) {
    const { volumeMounts } = container;
    if (!volumeMounts?.some(({ name }) => names.has(name))) continue;
    container.volumeMounts = volumeMounts.map((mount) =>
      names.has(mount.name) ? { ...mount, readOnly: true } : mount,
    );
  }
}

/**
 * Returns a refusal for each init container that mounts a volume which was taken over and runs before it is filled. The
 * CSI driver fills its volumes before the first container starts.
 */
export function refuseEarlyReaders(earlier: readonly Container[], filled: readonly FilledVolume[]): Refusal[] {
  const names = new Set(takenOverVolumes(filled).map(({ name }) => name));
  return earlier.flatMap((container) => {
    const mount = container.volumeMounts?.find(({ name }) => names.has(name));
    if (!mount) return [];
    return refusal(
      'ASI_ADMIT_RUNS_BEFORE',
      `Init container "${echo(container.name)}" mounts the volume "${echo(mount.name)}", and runs before the injected container that fills it: ` +
        `choose another ${PREFIX}position.`,
    );
  });
}

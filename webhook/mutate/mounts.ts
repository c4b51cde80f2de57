/**
 * Mounts the secrets into the chosen containers, and makes the mounts of volumes that were taken over read-only. In a
 * reinvocation the mounts show which containers were chosen before: one without a mount was not, unless the annotation
 * names it.
 */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { FILES_DIRECTORY } from '../../injector/contract/names.ts';
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { memoizeByObject, memoizeLast } from '../declare/memoize.ts';
import { type Refusal, refusal } from '../errors.ts';
import { VOLUMES, volumeDirectory } from '../pod/names.ts';
import type { Container, VolumeMount } from '../pod/pod.ts';
import { share } from '../pod/shared.ts';
import { type FilledVolume, filledVolumes } from './container/size.ts';
import { isShellMount } from './environment/shell.ts';

/**
 * Returns the absolute paths of the files that containers mount one by one, by subPath. The kubelet never updates such a
 * mount while the container runs. https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
 */
export function pathsBySubPath({ objects, templates = [] }: Pick<InjectorConfig, 'objects' | 'templates'>): string[] {
  const files = [...objects.flatMap(({ files = [] }) => files), ...templates];
  return files.filter(({ directory }) => directory === FILES_DIRECTORY).map(({ path }) => `/${path}`);
}

/** Returns the mounts that each chosen container gets: of the whole volume at `path`, and of each file with an absolute path. */
export const makeMounts = memoizeLast((config: InjectorConfig, path: string): readonly VolumeMount[] => {
  const whole = filledVolumes(config).some(({ name }) => name === VOLUMES.secrets);
  const mounts: VolumeMount[] = [
    ...(whole ? [{ name: VOLUMES.secrets, mountPath: path, readOnly: true }] : []),
    ...pathsBySubPath(config).map((mountPath) => ({
      name: VOLUMES.files,
      mountPath,
      readOnly: true,
      subPath: mountPath.slice(1),
    })),
  ];
  return mounts.map(share);
});

/** Returns the names of the volumes that only the injected container may mount. */
const reservedNames = memoizeByObject((filled: readonly FilledVolume[]): ReadonlySet<string> => {
  const inMemory = filled.map(({ name }) => name);
  const reserved = inMemory.filter((name) => name === VOLUMES.environment || name === VOLUMES.state);
  return new Set([VOLUMES.token, VOLUMES.kubernetes, ...reserved]);
});

/**
 * Returns a refusal for each container that mounts a volume which is for the injected one only: the tokens, the
 * values of all containers' variables, and the sidecar's own. The shell delivery's own mount is none of these.
 */
export function refuseMounts(containers: readonly Container[], filled: readonly FilledVolume[]): Refusal[] {
  const names = reservedNames(filled);
  return containers.flatMap((container) => {
    const mount = container.volumeMounts?.find((one) => names.has(one.name) && !isShellMount(one));
    if (!mount) return [];
    return refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `Container "${echo(container.name)}" mounts the volume "${mount.name}", which only the injected container may mount: take the mount out.`,
    );
  });
}

/**
 * Adds the `wanted` mounts to the receivers and takes them from all other containers. With `replacing`, our mounts at other
 * paths are taken out too.
 */
export function setMounts(
  containers: readonly Container[],
  receivers: ReadonlySet<Container>,
  wanted: readonly VolumeMount[],
  replacing: boolean,
): void {
  const paths = new Map(wanted.map((mount) => [mount.mountPath, mount]));
  for (const container of containers) {
    const present = container.volumeMounts ?? [];
    if (!present.some(isOurs)) {
      if (receivers.has(container) && wanted.length > 0) container.volumeMounts = [...present, ...wanted];
      continue;
    }
    const missing = new Map(receivers.has(container) ? paths : []);
    const mounts = present.flatMap((one) => {
      if (!isOurs(one) || (!replacing && !paths.has(one.mountPath))) return [one];
      const here = missing.get(one.mountPath);
      missing.delete(one.mountPath);
      return here ? [here] : [];
    });
    container.volumeMounts = [...mounts, ...missing.values()];
  }
}

/** Returns whether the container has one of our mounts at one of the `paths`. */
export function hasMount({ volumeMounts }: Container, paths: ReadonlySet<string>): boolean {
  return volumeMounts?.some((mount) => isOurs(mount) && paths.has(mount.mountPath)) ?? false;
}

/**
 * Returns whether the injector made the mount. A user may mount our volumes once more in a way that the injector does
 * not. Such a mount is the user's own and stays.
 */
export function isOurs({ name, mountPath, readOnly, subPath, subPathExpr }: VolumeMount): boolean {
  if (readOnly !== true || subPathExpr) return false;
  return name === VOLUMES.files ? subPath === mountPath.slice(1) : name === VOLUMES.secrets && !subPath;
}

/** Returns those of the filled volumes that were taken over: they are the pod's own, not the injector's. */
export const takenOverVolumes = memoizeByObject((filled: readonly FilledVolume[]): readonly FilledVolume[] =>
  filled.filter(({ name, directory }) => directory === volumeDirectory(name)),
);

/** Makes each mount of a volume that was taken over read-only, as the CSI driver does whatever a container asks for. */
export function makeReadOnly(containers: readonly Container[], filled: readonly FilledVolume[]): void {
  const takenOver = takenOverVolumes(filled);
  if (takenOver.length === 0) return;
  const names = new Set(takenOver.map(({ name }) => name));
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
  const takenOver = takenOverVolumes(filled);
  if (takenOver.length === 0) return [];
  const names = new Set(takenOver.map(({ name }) => name));
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

/** Refuses paths at which a container mounts something of its own. */
import { posix } from 'node:path';
import { echo } from '../declare/echo.ts';
import { memoizeByObject } from '../declare/memoize.ts';
import { withRun } from '../declare/system-folders.ts';
import { type Refusal, refusal } from '../errors.ts';
import { VOLUMES } from '../pod/names.ts';
import type { Container } from '../pod/pod.ts';
import { isOurs } from './mounts.ts';

type Sorted = readonly { readonly path: string; readonly key: string }[];

/**
 * Returns a refusal for each container that mounts something else at one of the `paths`, above it or below it. None of
 * the paths may be above another one.
 */
export function refusePaths(chosen: readonly Container[], paths: readonly string[], fix: string): Refusal[] {
  if (paths.length === 0 || chosen.length === 0) return [];
  const sorted = sort(paths);
  return chosen.flatMap((container) => {
    for (const taken of mountedBy(container)) {
      const wanted = collidingWith(absolute(taken), sorted);
      if (wanted === undefined) continue;
      return refusal(
        'ASI_ADMIT_PATH_TAKEN',
        `Container "${echo(container.name)}" already mounts "${echo(taken)}", which collides with the secrets at "${echo(wanted)}": ` +
          `${fix}, or name the containers that need them in aws-secrets-injector.dev/containers.`,
      );
    }
    return [];
  });
}

const sort = memoizeByObject(
  (paths: readonly string[]): Sorted =>
    paths.map((path) => ({ path, key: keyOf(path) })).sort((a, b) => (a.key < b.key ? -1 : 1)),
);

/** A path without empty parts, and without parts that begin with a point, such as `..`. */
const PLAIN = /^(?:\/[^/.][^/]*)+$/;

/** Returns the path from the root on, without `.` and `..`. Most paths are so already. */
function absolute(path: string): string {
  return PLAIN.test(path) ? path : posix.resolve('/', path);
}

/** Returns the paths of the container's own mounts and devices. */
function mountedBy({ volumeMounts, volumeDevices }: Container): string[] {
  const paths: string[] = [];
  for (const mount of volumeMounts ?? []) {
    if (!isOurs(mount) && mount.name !== VOLUMES.environment) paths.push(mount.mountPath);
  }
  for (const { devicePath } of volumeDevices ?? []) paths.push(devicePath);
  return paths;
}

/**
 * Returns the one of the sorted paths that is the path, above it or below it. A path above it is the last one that
 * sorts before it, and one below it is the next.
 */
function collidingWith(path: string, sorted: Sorted): string | undefined {
  const key = keyOf(path);
  let start = 0;
  let end = sorted.length;
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((sorted[middle]?.key ?? '') > key) end = middle;
    else start = middle + 1;
  }
  const before = sorted[start - 1];
  if (before && key.startsWith(before.key)) return before.path;
  const after = sorted[start];
  return after?.key.startsWith(key) ? after.path : undefined;
}

/** Returns a key with which everything below a path sorts right behind the path. */
function keyOf(path: string): string {
  return path === '/' ? path : `${withRun(path)}/`;
}

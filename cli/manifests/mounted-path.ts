/** Finds the files of volumes in containers. */
import type { VolumeMount } from '../../webhook/pod/pod.ts';

/**
 * Returns the path at which a container sees a file of a volume through a mount; an empty `path` is the volume itself. Returns
 * undefined if the mount shows another part of the volume, or one that depends on the container's variables (`subPathExpr`).
 */
export function mountedPath({ mountPath, subPath, subPathExpr }: VolumeMount, path: string): string | undefined {
  if (subPathExpr) return undefined;
  const shown = withoutSlashes(subPath ?? '');
  const place = withoutSlashes(mountPath);
  if (shown === '') return path === '' ? place : `${place}/${path}`;
  if (path === shown) return place;
  return path.startsWith(`${shown}/`) ? place + path.slice(shown.length) : undefined;
}

function withoutSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}

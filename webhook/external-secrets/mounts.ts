/** Finds where containers mount the volumes that are replaced, and makes a folder or single files of each path. */
import type { Operation } from 'fast-json-patch';
import type { VolumeMount } from '../pod/pod.ts';
import type { FileItem, Folder } from './folder.ts';
import { removals } from './patch.ts';
import type { Located } from './variables.ts';
import type { Replaced } from './volumes.ts';

export type Mounts = {
  readonly folders: readonly Folder[];
  /** The files that containers mount alone, by `subPath`. */
  readonly single: readonly FileItem[];
  /** The paths at which each container mounts something of them. */
  readonly receivers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly patch: readonly Operation[];
  readonly reasons: readonly string[];
};

type Draft = {
  readonly folders: Map<string, Folder>;
  readonly single: Map<string, FileItem>;
  readonly reasons: string[];
};

/** Returns what the containers mount of the volumes. */
export function readMounts(containers: readonly Located[], volumes: readonly Replaced[]): Mounts {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  const draft: Draft = { folders: new Map(), single: new Map(), reasons: [] };
  const receivers = new Map<string, Set<string>>();
  const patch: Operation[] = [];
  for (const { container, path } of containers) {
    const mounts = container.volumeMounts ?? [];
    const taken: number[] = [];
    for (const [index, mount] of mounts.entries()) {
      const volume = byName.get(mount.name);
      if (volume === undefined) continue;
      taken.push(index);
      const mountPath = mount.mountPath.replace(/(?<=.)\/+$/, '');
      receivers.set(container.name, (receivers.get(container.name) ?? new Set()).add(mountPath));
      addMount(volume, mount, mountPath, draft);
    }
    patch.push(...removals(`${path}/volumeMounts`, mounts.length, taken));
  }
  const { folders, single, reasons } = draft;
  return { folders: [...folders.values()], single: [...single.values()], receivers, patch, reasons };
}

function addMount(volume: Replaced, { subPath, subPathExpr }: VolumeMount, mountPath: string, draft: Draft): void {
  const { folders, reasons } = draft;
  const other = folders.get(mountPath);
  if (subPathExpr) reasons.push(`A container mounts the volume ${volume.name} by subPathExpr.`);
  else if (subPath) addSingle(volume, subPath.replace(/\/+$/, ''), mountPath, draft);
  else if (other !== undefined && other.files !== volume.files) {
    reasons.push(`Two containers mount different volumes at ${mountPath}.`);
  } else folders.set(mountPath, { ...volume, mountPath });
}

function addSingle(volume: Replaced, path: string, mountPath: string, { single, reasons }: Draft): void {
  const files = volume.files.filter((file) => file.path === path || file.path.startsWith(`${path}/`));
  if (files.length === 0) {
    reasons.push(
      `A container mounts ${path} of the volume ${volume.name} by subPath, and no file of this name is known.`,
    );
  }
  for (const file of files) {
    const target = mountPath + file.path.slice(path.length);
    const known = single.get(target);
    if (known !== undefined && known.value !== file.value) {
      reasons.push(`Two containers mount different files at ${target}.`);
    }
    single.set(target, { ...file, path: target });
  }
}

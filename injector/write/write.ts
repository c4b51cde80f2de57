/**
 * Writes files into the volumes, all or nothing: everything is checked, then every file is staged beside its target, and then
 * every copy is renamed. It is synchronous, so that no signal handler can run half-way. What an earlier run left goes first, so
 * that a file can take the place of a folder, and a folder the place of a file: the kubelet runs an init container again only
 * before the containers that read the volume.
 */
import { realpathSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Target } from '../contract/paths.ts';
import type { Failure } from '../errors.ts';
import type { OutputFile } from '../render/output.ts';
import { explainWrite, type Progress } from './explain.ts';
import { obstacle, removeLeftovers, type Stage, stageFile, sync, undo } from './stage.ts';
import { removeStale } from './stale.ts';

/** Has the real directory of the file, with symbolic links resolved, as `root`. */
type ResolvedFile = OutputFile & { readonly root: string };

/**
 * Writes the files into their directories below the root, and removes what an earlier run may have written at the `possible`
 * targets and this one does not write. Returns the failure that says why no file, or not every file, was written.
 */
export function writeFiles(root: string, files: readonly OutputFile[], possible: readonly Target[] = []): Failure[] {
  const stage: Stage = { files: [], folders: [] };
  const progress: Progress = { path: files[0]?.directory ?? root, done: [] };
  try {
    const resolved = resolveDirectories(root, files, progress);
    removeStale(root, possible, files);
    for (const directory of new Set(resolved.map((file) => file.root))) {
      removeLeftovers(
        directory,
        resolved.filter((file) => file.root === directory).map(({ path }) => path),
      );
    }
    const failures = resolved.flatMap((file) => obstacle(file.root, file.path));
    if (failures.length > 0) return failures;
    for (const file of resolved) {
      progress.path = file.path;
      stageFile(file.root, file, stage);
    }
    for (const { temporary, target, path } of stage.files) {
      progress.path = path;
      renameSync(temporary, target);
      progress.done.push(path);
    }
    for (const folder of new Set(resolved.flatMap((file) => [file.root, dirname(join(file.root, file.path))])))
      sync(folder);
    return [];
  } catch (error) {
    undo(stage);
    return [explainWrite(error, progress, files)];
  }
}

function resolveDirectories(root: string, files: readonly OutputFile[], progress: Progress): ResolvedFile[] {
  const real = new Map<string, string>();
  for (const { directory } of files) {
    progress.path = directory;
    if (!real.has(directory)) real.set(directory, realpathSync(join(root, directory)));
  }
  return files.map((file) => ({ ...file, root: real.get(file.directory) ?? file.directory }));
}

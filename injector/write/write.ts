/**
 * Writes files into the volumes, all or nothing: everything is checked, then every file is staged beside its target, and then
 * every copy is renamed. It is synchronous, so that no signal handler can run half-way. An earlier run can not have declared
 * other files, as the configuration of a pod never changes; the copies of a killed run are removed.
 */
import { realpathSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../errors.ts';
import type { OutputFile } from '../render/output.ts';
import { explainWrite, type Progress } from './explain.ts';
import { obstacle, removeLeftovers, type Stage, stageFile, sync, undo } from './stage.ts';

/** Has the real directory of the file, with symbolic links resolved, as `root`. */
type ResolvedFile = OutputFile & { readonly root: string };

/**
 * Writes the files into their directories below the root. Returns the failure that says why no file, or not every file, was
 * written.
 */
export function writeFiles(root: string, files: readonly OutputFile[]): Failure[] {
  const stage: Stage = { files: [], folders: [] };
  const progress: Progress = { path: files[0]?.directory ?? root, done: [] };
  try {
    const resolved = resolveDirectories(root, files, progress);
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

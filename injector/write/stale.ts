/**
 * Removes what an earlier run wrote into a volume and this run does not write: the file of a key that is no more, or of an
 * optional object that was deleted. The volume itself shows what is there. Nobody keeps a list of what was written: an app that
 * may write into the volume could forge it.
 */
import { lstatSync, readdirSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Target } from '../contract/paths.ts';
import { attempt, isBehindLink } from './stage.ts';

/**
 * Removes each file that an earlier run may have written at one of the `possible` targets and that is not one of `files`. If
 * the target is a folder, that is every file in it. Folders that are empty then go too. Symbolic links are neither followed nor
 * removed, and what another user owns stays: the injector can not have written it. What can not be removed stays, without an
 * error: if it stands in the way of a file, that is found later.
 */
export function removeStale(root: string, possible: readonly Target[], files: readonly Target[]): void {
  const directories = new Map<string, string | undefined>();
  for (const { directory } of [...possible, ...files]) directories.set(directory, realDirectory(join(root, directory)));
  const wanted = new Set(files.map(({ directory, path }) => join(directories.get(directory) ?? directory, path)));
  for (const { directory, path, isFolder } of possible) {
    const top = directories.get(directory);
    if (top === undefined || isBehindLink(top, path)) continue;
    if (!isFolder) removeFile(join(top, path), wanted);
    else if (path === '') removeIn(top, wanted);
    else removeFolder(join(top, path), wanted);
    for (let above = dirname(path); above !== '.'; above = dirname(above)) attempt(() => rmdirSync(join(top, above)));
  }
}

/** Returns the directory with its symbolic links resolved; undefined if it does not exist. */
function realDirectory(directory: string): string | undefined {
  return lstatSync(directory, { throwIfNoEntry: false }) && realpathSync(directory);
}

function removeFolder(folder: string, wanted: ReadonlySet<string>): void {
  if (!isOwn(folder, 'isDirectory')) return;
  removeIn(folder, wanted);
  attempt(() => rmdirSync(folder));
}

function removeIn(folder: string, wanted: ReadonlySet<string>): void {
  attempt(() => {
    for (const name of readdirSync(folder)) {
      removeFile(join(folder, name), wanted);
      removeFolder(join(folder, name), wanted);
    }
  });
}

function removeFile(file: string, wanted: ReadonlySet<string>): void {
  if (!wanted.has(file) && isOwn(file, 'isFile')) attempt(() => rmSync(file));
}

/** Returns whether the user of this process owns the path, and it is of the kind. */
function isOwn(path: string, kind: 'isFile' | 'isDirectory'): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.[kind]() === true && stats.uid === process.getuid?.();
}

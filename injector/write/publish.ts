/**
 * Replaces the files of a volume in one moment while others read them, in the layout of the kubelet's AtomicWriter, which
 * ConfigMaps and projected volumes have:
 *
 *     user        -> ..data/user
 *     deep        -> ..data/deep
 *     ..data      -> ..2026_11_26_10_14_19.x7Qb2z
 *     ..2026_11_26_10_14_19.x7Qb2z/{user,deep/password}
 *
 * The one rename of `..data` makes all files new. A file that did not change is a hard link to the one before. Unlike the
 * kubelet's, the previous folder stays until the next change: whoever resolves `..data` once and then reads several files finds
 * all of them, and all of one moment. Synchronous, so that no signal handler can run half-way.
 */
import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../errors.ts';
import { generationCause } from '../plan/path-cause.ts';
import type { OutputFile } from '../render/output.ts';
import { explainWrite, type Progress } from './explain.ts';
import { attempt, createFile, makeFolders, openFolder, sync } from './stage.ts';
import { writeFiles } from './write.ts';

const CURRENT = '..data';
const NEXT = '..data_tmp';

/** Matches the name of a folder that holds the files of one moment. It has no `/`, so that no such name leads elsewhere. */
const GENERATION = /^\.\.\d{4}_[\w.]+$/;

/** The files that changed, or the failures because of which none did. */
export type Published = { readonly changed: readonly string[]; readonly failures: readonly Failure[] };

/** The files of one volume, on their way from the current folder to a new one. */
type Volume = {
  /** The real path. */
  readonly directory: string;
  readonly files: readonly OutputFile[];
  /** The current folder; undefined before the first. */
  readonly current: string | undefined;
  /** The paths that are new, other than before, or gone. */
  readonly changed: readonly string[];
  next?: string;
};

export type Publication = {
  /** The directories of files that have `..data`. A directory without a file in `files` has none any more. */
  readonly directories: readonly string[];
  readonly files: readonly OutputFile[];
  /**
   * The files that only the kubelet reads, when it starts a container. They are replaced one by one, without symbolic links, and
   * first: after the restart that follows `..data`, the variables must be new.
   */
  readonly variables: readonly OutputFile[];
};

/** Publishes all files, or none: then the failures say why. Only what is different from what is there is written. */
export function publishFiles(root: string, { directories, files, variables }: Publication): Published {
  const impossible = nameFailures(files);
  if (impossible.length > 0) return { changed: [], failures: impossible };
  const progress: Progress = { path: files[0]?.path ?? root, done: [] };
  const volumes: Volume[] = [];
  try {
    for (const directory of directories) {
      progress.path = directory;
      volumes.push(look(join(root, directory), filesOf(directory, files)));
    }
    const failures = volumes.flatMap(obstacles);
    if (failures.length > 0) return { changed: [], failures };
    const pending = volumes.filter((volume) => volume.changed.length > 0 || !isComplete(volume));
    for (const volume of pending) stage(volume, progress);
    const fresh = variables.filter((file) => !isSame(join(root, file.directory, file.path), file));
    const failed = fresh.length > 0 ? writeFiles(root, fresh) : [];
    if (failed.length > 0) {
      pending.forEach(discard);
      return { changed: [], failures: failed };
    }
    for (const volume of pending) swap(volume, progress);
    return { changed: [...fresh.map(({ path }) => path), ...pending.flatMap(({ changed }) => changed)], failures: [] };
  } catch (error) {
    volumes.forEach(discard);
    return { changed: [], failures: [explainWrite(error, progress, files)] };
  }
}

/** Returns a failure for each file whose name the layout does not allow. */
export function nameFailures(files: readonly OutputFile[]): Failure[] {
  return files.flatMap(({ path }) => {
    const problem = generationCause(path);
    if (problem === undefined) return [];
    const headline = `The file ${JSON.stringify(path)} is not possible.`;
    return [{ code: 'ASI_CFG_PATH' as const, subject: path, headline, cause: `${problem}.` }];
  });
}

function filesOf(directory: string, files: readonly OutputFile[]): OutputFile[] {
  return files.filter((file) => file.directory === directory);
}

/** Compares what is there with what is to be. */
function look(path: string, files: readonly OutputFile[]): Volume {
  const directory = realpathSync(path);
  const current = currentOf(directory);
  const before = current === undefined ? [] : pathsIn(join(directory, current));
  const wanted = new Set(files.map((file) => file.path));
  const isOld = (file: OutputFile) => current !== undefined && isSame(join(directory, current, file.path), file);
  const changed = [
    ...files.filter((file) => !isOld(file)).map((file) => file.path),
    ...before.filter((each) => !wanted.has(each)),
  ];
  return { directory, files, current, changed };
}

function currentOf(directory: string): string | undefined {
  try {
    const name = readlinkSync(join(directory, CURRENT));
    return GENERATION.test(name) && lstatSync(join(directory, name)).isDirectory() ? name : undefined;
  } catch {
    return undefined;
  }
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Returns whether the file is there with this content and mode. One that can not be read is as good as another one. */
function isSame(path: string, { mode, content }: OutputFile): boolean {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile() || (stats.mode & 0o777) !== mode || stats.size !== content.length) return false;
    return readFileSync(path).equals(content.reveal());
  } catch {
    return false;
  }
}

/** Returns a failure for each name of the volume that is not ours. */
function obstacles({ directory, files }: Volume): Failure[] {
  return namesOf(files).flatMap((name) => {
    const stats = lstatSync(join(directory, name), { throwIfNoEntry: false });
    if (stats === undefined || isOurs(directory, name)) return [];
    const cause = `Something else has the name ${JSON.stringify(name)} in the volume.`;
    return [{ code: 'ASI_OUT_UNSAFE' as const, subject: name, headline: `${name} was not written.`, cause }];
  });
}

/** The names at the top of the volume: one for each file or folder there. */
function namesOf(files: readonly OutputFile[]): string[] {
  return [...new Set(files.map(({ path }) => path.split('/')[0] ?? path))];
}

function isOurs(directory: string, name: string): boolean {
  try {
    return readlinkSync(join(directory, name)) === `${CURRENT}/${name}`;
  } catch {
    return false;
  }
}

/** Returns whether the volume has a current folder and all names: a process that was killed may have left it without some. */
function isComplete({ directory, files, current }: Volume): boolean {
  return current !== undefined && namesOf(files).every((name) => isOurs(directory, name));
}

/** Makes the new folder, which nobody sees yet. The folder before the current one, and what a killed run left, go first. */
function stage(volume: Volume, progress: Progress): void {
  const { directory, files, current, changed } = volume;
  for (const name of readdirSync(directory)) {
    if (name === NEXT || (GENERATION.test(name) && name !== current)) remove(join(directory, name));
  }
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-T:]/g, '_');
  const next = mkdtempSync(join(directory, `..${stamp}.`));
  volume.next = next;
  openFolder(next);
  const isNew = new Set(changed);
  for (const file of files) {
    progress.path = file.path;
    makeFolders(next, file.path, { folders: [] });
    const target = join(next, file.path);
    if (current === undefined || isNew.has(file.path)) createFile(target, file);
    else linkSync(join(directory, current, file.path), target);
  }
}

/** Makes the new folder the current one. Names of new files come after it and names of gone files go after it. */
function swap(volume: Volume, progress: Progress): void {
  const { directory, files, changed, next = '' } = volume;
  progress.path = join(directory, CURRENT);
  symlinkSync(next.slice(directory.length + 1), join(directory, NEXT));
  renameSync(join(directory, NEXT), join(directory, CURRENT));
  delete volume.next;
  progress.done.push(...changed);
  const names = new Set(namesOf(files));
  for (const name of names) {
    progress.path = name;
    if (!isOurs(directory, name)) symlinkSync(`${CURRENT}/${name}`, join(directory, name));
  }
  for (const name of readdirSync(directory)) {
    if (!names.has(name) && isOurs(directory, name)) attempt(() => rmSync(join(directory, name)));
  }
  sync(directory);
}

function discard({ directory, next }: Volume): void {
  attempt(() => rmSync(join(directory, NEXT), { force: true }));
  if (next !== undefined) attempt(() => remove(next));
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

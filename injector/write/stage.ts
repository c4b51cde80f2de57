/** Stages one file: it finds obstacles, writes the copy beside its target, and undoes that. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../errors.ts';
import type { OutputFile } from '../render/output.ts';

/** The name of every file that is staged and not yet renamed begins with this. */
const STAGED = '.aws-secrets-injector.';

type Staged = { readonly temporary: string; readonly target: string; readonly path: string };

/** Has what has to be undone if the run stops before the first rename. */
export type Stage = { readonly files: Staged[]; readonly folders: string[] };

/** Returns a failure if something else stands where the file or one of its folders has to be. */
export function obstacle(root: string, path: string): Failure[] {
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const current = parts.slice(0, index + 1).join('/');
    const stats = lstatSync(join(root, current), { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const isFile = index === parts.length - 1;
    if (isFile ? stats.isFile() : stats.isDirectory()) continue;
    const what = stats.isSymbolicLink() ? 'a symbolic link' : stats.isDirectory() ? 'a folder' : 'not a folder';
    return [
      { code: 'ASI_OUT_UNSAFE', subject: path, headline: `${path} was not written.`, cause: `${current} is ${what}.` },
    ];
  }
  return [];
}

/** Writes the complete copy with its mode. Throws the error of the system. */
export function stageFile(root: string, { path, mode, content }: OutputFile, stage: Stage): void {
  const target = join(root, path);
  makeFolders(root, path, stage);
  const temporary = join(dirname(target), `${STAGED}${crypto.randomUUID()}`);
  createFile(temporary, { mode, content }, () => stage.files.push({ temporary, target, path }));
}

/**
 * Creates a file, complete and with its mode. Throws what the system says, also if something has that name. `onCreated` is
 * called as soon as there is something to undo.
 */
export function createFile(
  file: string,
  { mode, content }: Pick<OutputFile, 'mode' | 'content'>,
  onCreated = () => {},
): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const descriptor = openSync(file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  onCreated();
  try {
    const bytes = content.reveal();
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the folders of the path that are not there yet, and adds them to the stage, so that they can be removed again. */
export function makeFolders(root: string, path: string, stage: Pick<Stage, 'folders'>): void {
  const parts = path.split('/').slice(0, -1);
  for (const [index] of parts.entries()) {
    const folder = join(root, ...parts.slice(0, index + 1));
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(folder, 0o755);
    stage.folders.push(folder);
    openFolder(folder);
  }
}

/** Gives a folder the mode 0755, whatever the umask is. The set-group-ID bit, which an fsGroup brings, is inherited and stays. */
export function openFolder(folder: string): void {
  chmodSync(folder, 0o755 | (statSync(folder).mode & 0o2000));
}

/** Returns whether one of the folders of the path is something else, like a symbolic link. The path is relative to the root. */
export function isBehindLink(root: string, path: string): boolean {
  return obstacle(root, join(dirname(path), STAGED)).length > 0;
}

/** Removes the copies that a killed run left in the folders of the files. */
export function removeLeftovers(root: string, paths: readonly string[]): void {
  for (const folder of new Set(['.', ...paths.map((path) => dirname(path))])) {
    if (isBehindLink(root, join(folder, STAGED))) continue;
    for (const name of namesIn(join(root, folder))) {
      if (name.startsWith(STAGED)) rmSync(join(root, folder, name), { force: true });
    }
  }
}

function namesIn(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}

/** Makes the names in the folder durable. An error is ignored, because all files have been renamed by then. */
export function sync(folder: string): void {
  attempt(() => {
    const descriptor = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Removes every copy that is not renamed yet, and the folders that were made for them. */
export function undo({ files, folders }: Stage): void {
  for (const { temporary } of files) attempt(() => rmSync(temporary, { force: true }));
  for (const folder of folders.reverse()) attempt(() => rmdirSync(folder));
}

/** Takes a step whose failure changes nothing: the error that led here, if any, is the one to report. */
export function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // If an earlier error led here, that one is reported.
  }
}

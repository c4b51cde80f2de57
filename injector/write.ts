/**
 * Files into the volume, all or nothing: everything is checked, then everything is staged beside its place, then everything
 * is renamed. Synchronous on purpose: no signal handler can run half-way. Files that an earlier run declared and this one
 * doesn't can't exist, as a pod's configuration never changes; what a killed run staged is removed.
 */
import { randomBytes } from 'node:crypto';
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
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from './errors.ts';
import type { OutputFile } from './render.ts';

/** Begins the name of every file that is staged and not yet in its place. */
const STAGED = '.aws-secrets-injector.';

type Staged = { readonly temporary: string; readonly target: string };

/** What there is to undo while nothing is visible yet. */
type Stage = { readonly files: Staged[]; readonly folders: string[] };

/** Writes the files into the directory. The failures say why nothing was written. */
export function writeFiles(directory: string, files: readonly OutputFile[]): Failure[] {
  const stage: Stage = { files: [], folders: [] };
  const size = files.reduce((total, { content }) => total + content.length, 0);
  let path = directory;
  try {
    const root = realpathSync(directory);
    removeLeftovers(root, files);
    const failures = files.flatMap((file) => obstacle(root, file.path));
    if (failures.length > 0) return failures;
    for (const file of files) {
      path = file.path;
      stageFile(root, file, stage);
    }
    for (const { temporary, target } of stage.files) {
      path = target;
      renameSync(temporary, target);
    }
    for (const folder of new Set([root, ...files.map((file) => dirname(join(root, file.path)))])) sync(folder);
    return [];
  } catch (error) {
    undo(stage);
    return [explain(error, path, size)];
  }
}

/** What stands where the file or one of its folders is to be; empty where nothing does. */
function obstacle(root: string, path: string): Failure[] {
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const place = parts.slice(0, index + 1).join('/');
    const stats = lstatSync(join(root, place), { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const isFile = index === parts.length - 1;
    if (isFile ? stats.isFile() : stats.isDirectory()) continue;
    const what = stats.isSymbolicLink() ? 'a symbolic link' : stats.isDirectory() ? 'a folder' : 'not a folder';
    return [
      { code: 'ASI_OUT_UNSAFE', subject: path, headline: `${path} was not written.`, cause: `${place} is ${what}.` },
    ];
  }
  return [];
}

function stageFile(root: string, { path, mode, content }: OutputFile, stage: Stage): void {
  const target = join(root, path);
  makeFolders(root, path, stage);
  const temporary = join(dirname(target), `${STAGED}${randomBytes(8).toString('hex')}`);
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const descriptor = openSync(temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  stage.files.push({ temporary, target });
  try {
    const bytes = content.reveal();
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Folders are 0755 whatever the umask; the set-group-ID bit, which an fsGroup brings, is inherited and stays. */
function makeFolders(root: string, path: string, stage: Stage): void {
  const parts = path.split('/').slice(0, -1);
  for (const [index] of parts.entries()) {
    const folder = join(root, ...parts.slice(0, index + 1));
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(folder, 0o755);
    stage.folders.push(folder);
    chmodSync(folder, 0o755 | (statSync(folder).mode & 0o2000));
  }
}

function removeLeftovers(root: string, files: readonly OutputFile[]): void {
  for (const folder of new Set(['.', ...files.map(({ path }) => dirname(path))])) {
    if (obstacle(root, join(folder, STAGED)).length > 0) continue;
    for (const name of namesIn(join(root, folder))) {
      if (name.startsWith(STAGED)) rmSync(join(root, folder, name), { force: true });
    }
  }
}

function namesIn(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}

function sync(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function undo({ files, folders }: Stage): void {
  for (const { temporary } of files) attempt(() => rmSync(temporary, { force: true }));
  for (const folder of folders.reverse()) attempt(() => rmdirSync(folder));
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The first error is the one to report.
  }
}

function explain(error: unknown, path: string, size: number): Failure {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  const headline = `${path} could not be written, so nothing was.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const cause = `The volume is full (${code}): the files have ${size} bytes, and twice that is needed to replace them at once.`;
    return { code: 'ASI_OUT_NO_SPACE', subject: path, headline, cause };
  }
  return { code: 'ASI_OUT_WRITE', subject: path, headline, cause: `The system says ${code}.` };
}

/** Refuses outputs that would overwrite each other, or that could not be written. */
import { type Refusal, refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Reading } from './outputs.ts';
import { MOST_REFUSALS } from './shorten.ts';

type Target = {
  readonly annotation: string;
  readonly label: string;
  readonly directory: string;
  readonly path: string;
  readonly isFolder: boolean;
};

const RENAMED: ReadonlySet<string> = new Set(['files', 'templates', 'env-file']);

/** Returns a refusal for two files of one path, and for a path below a file. The files in a folder are unknown at admission. */
export function collisions(reading: Required<Reading>, envFile: string | undefined): Refusal[] {
  const targets = targetsOf(reading, envFile);
  const files = new Map<string, Target>();
  const refusals: Refusal[] = [];
  for (const target of targets.filter(({ isFolder }) => !isFolder)) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const other = files.get(keyOf(target));
    if (other === undefined) files.set(keyOf(target), target);
    else refusals.push(collision(other, target, `both write the file ${echo(target.path)}`));
  }
  const folders = targets.filter(({ isFolder, path }) => isFolder && path !== '');
  for (const [target, other] of filesAbove([...files.values(), ...folders])) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const problem = `write the files ${echo(other.path)} and ${echo(shown(target))}, where the first would have to be a folder`;
    refusals.push(collision(other, target, problem));
  }
  return refusals;
}

function targetsOf({ outputs, searches, templates }: Required<Reading>, envFile: string | undefined): Target[] {
  const targets: Target[] = [];
  for (const { annotation, label, kind, part } of [...outputs, ...searches]) {
    if (kind !== 'files' && kind !== 'folders') continue;
    targets.push({ annotation, label, directory: part.directory ?? '', path: part.path, isFolder: kind === 'folders' });
  }
  for (const { annotation, label, path } of templates) {
    targets.push({ annotation, label, directory: '', path, isFolder: false });
  }
  if (envFile === undefined) return targets;
  return [...targets, { annotation: 'env-file', label: envFile, directory: '', path: envFile, isFolder: false }];
}

/** Returns a key that sorts everything below a path right behind it: NUL is the lowest character, and in no path. */
function keyOf({ directory, path, isFolder }: Target): string {
  return `${directory}\0${path.replaceAll('/', '\0')}${isFolder ? '\0' : ''}`;
}

function shown({ path, isFolder }: Target): string {
  return isFolder ? `${path}/…` : path;
}

/** Returns the targets that are below a file, each with that file. It sorts all paths and walks along them once. */
function filesAbove(targets: readonly Target[]): Map<Target, Target> {
  const sorted = targets.map((target) => ({ target, key: keyOf(target) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const found = new Map<Target, Target>();
  let file = { key: '', target: undefined as Target | undefined };
  for (const { target, key } of sorted) {
    if (file.target && key.startsWith(`${file.key}\0`)) found.set(target, file.target);
    else if (!target.isFolder) file = { key, target };
  }
  return found;
}

function collision(one: Target, two: Target, problem: string): Refusal {
  const second = `${one.annotation === two.annotation ? '' : `${two.annotation} `}${echo(two.label)}`;
  const fix = RENAMED.has(two.annotation) ? 'rename one of them' : 'give one of them another objectAlias';
  return refusal('ASI_ADMIT_FILE_COLLISION', `${one.annotation}: ${echo(one.label)} and ${second} ${problem}; ${fix}`);
}

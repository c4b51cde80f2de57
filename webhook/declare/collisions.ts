/** Refuses outputs that would overwrite each other, or that could not be written. */
import { FILES_DIRECTORY } from '../../injector/contract/names.ts';
import { filesAbove, type Target, targetKey } from '../../injector/contract/paths.ts';
import { type Refusal, refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Reading } from './outputs.ts';
import { MOST_REFUSALS } from './shorten.ts';

type Declared = Target & { readonly annotation: string; readonly label: string };

const RENAMED: ReadonlySet<string> = new Set(['files', 'templates', 'env-file']);

/**
 * Returns a refusal for two files of one path, for a path below a file, and for an absolute path in the mount path. The files
 * in a folder are unknown at admission.
 */
export function collisions(reading: Required<Reading>, envFile: string | undefined, mountPath: string): Refusal[] {
  const targets = targetsOf(reading, envFile);
  const files = new Map<string, Declared>();
  const refusals = targets.flatMap((target) => inMount(target, mountPath)).slice(0, MOST_REFUSALS + 1);
  for (const target of targets.filter(({ isFolder }) => !isFolder)) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const other = files.get(targetKey(target));
    if (other === undefined) files.set(targetKey(target), target);
    else refusals.push(collision(other, target, `both write the file ${echo(shown(target))}`));
  }
  const folders = targets.filter(({ isFolder, path }) => isFolder && path !== '');
  for (const [target, other] of filesAbove([...files.values(), ...folders])) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const problem = `write the files ${echo(shown(other))} and ${echo(shown(target))}, where the first would have to be a folder`;
    refusals.push(collision(other, target, problem));
  }
  return refusals;
}

function targetsOf({ outputs, searches, templates }: Required<Reading>, envFile: string | undefined): Declared[] {
  const targets: Declared[] = [];
  for (const { annotation, label, kind, part } of [...outputs, ...searches]) {
    if (kind !== 'files' && kind !== 'folders') continue;
    targets.push({ annotation, label, directory: part.directory ?? '', path: part.path, isFolder: kind === 'folders' });
  }
  for (const { annotation, label, directory = '', path } of templates) {
    targets.push({ annotation, label, directory, path, isFolder: false });
  }
  if (envFile === undefined) return targets;
  return [...targets, { annotation: 'env-file', label: envFile, directory: '', path: envFile, isFolder: false }];
}

function shown({ directory, path, isFolder }: Declared): string {
  const root = directory === FILES_DIRECTORY ? '/' : '';
  return isFolder ? `${root}${path}/…` : root + path;
}

function inMount(target: Declared, mountPath: string): Refusal[] {
  if (target.directory !== FILES_DIRECTORY) return [];
  const [file, folder] = [`/${target.path}/`, `${mountPath}/`];
  if (!file.startsWith(folder) && !folder.startsWith(file)) return [];
  const inside = target.path.slice(mountPath.length);
  const fix = inside === '' ? 'write another path' : `write ${echo(inside)} without the mount path, or another path`;
  const message = `${target.annotation}: ${echo(target.label)} collides with the mount path ${echo(mountPath)}; ${fix}`;
  return [refusal('ASI_ADMIT_FILE_COLLISION', message)];
}

function collision(one: Declared, two: Declared, problem: string): Refusal {
  const second = `${one.annotation === two.annotation ? '' : `${two.annotation} `}${echo(two.label)}`;
  const fix = RENAMED.has(two.annotation) ? 'rename one of them' : 'give one of them another objectAlias';
  return refusal('ASI_ADMIT_FILE_COLLISION', `${one.annotation}: ${echo(one.label)} and ${second} ${problem}; ${fix}`);
}

/** What would silently overwrite, or could not be written, is refused. */
import { type Refusal, refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Reading } from './outputs.ts';

type Place = {
  readonly annotation: string;
  readonly label: string;
  readonly directory: string;
  readonly path: string;
  readonly isFolder: boolean;
};
type Files = ReadonlyMap<string, Place>;

const RENAMED: ReadonlySet<string> = new Set(['files', 'templates', 'env-file']);

/** Refuses two outputs of one path, and a path below another that is a file. What is in folders only the pod sees. */
export function collisions(reading: Required<Reading>, envFile: string | undefined): Refusal[] {
  const places = placesOf(reading, envFile);
  const files = new Map<string, Place>();
  const refusals: Refusal[] = [];
  for (const place of places.filter(({ isFolder }) => !isFolder)) {
    const other = files.get(keyOf(place, place.path));
    if (other === undefined) files.set(keyOf(place, place.path), place);
    else refusals.push(collision(other, place, `both write the file ${echo(place.path)}`));
  }
  for (const place of [...files.values(), ...places.filter(({ isFolder, path }) => isFolder && path !== '')]) {
    const other = fileAbove(place, files);
    const problem =
      other &&
      `write the files ${echo(other.path)} and ${echo(shown(place))}, where the first would have to be a folder`;
    if (other && problem) refusals.push(collision(other, place, problem));
  }
  return refusals;
}

function placesOf({ outputs, searches, templates }: Required<Reading>, envFile: string | undefined): Place[] {
  const places: Place[] = [];
  for (const { annotation, label, kind, part } of [...outputs, ...searches]) {
    if (kind !== 'files' && kind !== 'folders') continue;
    places.push({ annotation, label, directory: part.directory ?? '', path: part.path, isFolder: kind === 'folders' });
  }
  for (const { annotation, label, path } of templates) {
    places.push({ annotation, label, directory: '', path, isFolder: false });
  }
  if (envFile === undefined) return places;
  return [...places, { annotation: 'env-file', label: envFile, directory: '', path: envFile, isFolder: false }];
}

function keyOf({ directory }: Place, path: string): string {
  return `${directory}\0${path}`;
}

function shown({ path, isFolder }: Place): string {
  return isFolder ? `${path}/…` : path;
}

function fileAbove(place: Place, files: Files): Place | undefined {
  const path = place.isFolder ? `${place.path}/` : place.path;
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const other = files.get(keyOf(place, path.slice(0, slash)));
    if (other !== undefined) return other;
  }
  return undefined;
}

function collision(one: Place, two: Place, problem: string): Refusal {
  const second = `${one.annotation === two.annotation ? '' : `${two.annotation} `}${echo(two.label)}`;
  const fix = RENAMED.has(two.annotation) ? 'rename one of them' : 'give one of them another objectAlias';
  return refusal('ASI_ADMIT_FILE_COLLISION', `${one.annotation}: ${echo(one.label)} and ${second} ${problem}; ${fix}`);
}

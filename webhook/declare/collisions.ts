/** Refuses outputs that would overwrite each other, or that could not be written. */
import { type Refusal, refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Reading } from './outputs.ts';
import { MOST_REFUSALS } from './shorten.ts';

type Place = {
  readonly annotation: string;
  readonly label: string;
  readonly directory: string;
  readonly path: string;
  readonly isFolder: boolean;
};

const RENAMED: ReadonlySet<string> = new Set(['files', 'templates', 'env-file']);

/** Refuses two files of one path, and a path below another that is a file. The content of folders is not known at admission. */
export function collisions(reading: Required<Reading>, envFile: string | undefined): Refusal[] {
  const places = placesOf(reading, envFile);
  const files = new Map<string, Place>();
  const refusals: Refusal[] = [];
  for (const place of places.filter(({ isFolder }) => !isFolder)) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const other = files.get(keyOf(place));
    if (other === undefined) files.set(keyOf(place), place);
    else refusals.push(collision(other, place, `both write the file ${echo(place.path)}`));
  }
  const folders = places.filter(({ isFolder, path }) => isFolder && path !== '');
  for (const [place, other] of filesAbove([...files.values(), ...folders])) {
    if (refusals.length > MOST_REFUSALS) return refusals;
    const problem = `write the files ${echo(other.path)} and ${echo(shown(place))}, where the first would have to be a folder`;
    refusals.push(collision(other, place, problem));
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

/** Returns a key that sorts everything below a path right behind it, as no path holds a character below NUL. */
function keyOf({ directory, path, isFolder }: Place): string {
  return `${directory}\0${path.replaceAll('/', '\0')}${isFolder ? '\0' : ''}`;
}

function shown({ path, isFolder }: Place): string {
  return isFolder ? `${path}/…` : path;
}

/** Returns the places that are below a file, each with that file, after one walk along all sorted paths. */
function filesAbove(places: readonly Place[]): Map<Place, Place> {
  const sorted = places.map((place) => ({ place, key: keyOf(place) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const found = new Map<Place, Place>();
  let file = { key: '', place: undefined as Place | undefined };
  for (const { place, key } of sorted) {
    if (file.place && key.startsWith(`${file.key}\0`)) found.set(place, file.place);
    else if (!place.isFolder) file = { key, place };
  }
  return found;
}

function collision(one: Place, two: Place, problem: string): Refusal {
  const second = `${one.annotation === two.annotation ? '' : `${two.annotation} `}${echo(two.label)}`;
  const fix = RENAMED.has(two.annotation) ? 'rename one of them' : 'give one of them another objectAlias';
  return refusal('ASI_ADMIT_FILE_COLLISION', `${one.annotation}: ${echo(one.label)} and ${second} ${problem}; ${fix}`);
}

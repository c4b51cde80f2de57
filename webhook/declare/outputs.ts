/** What the annotations ask for, one output at a time, and the injector's objects made of it. */
import type { ConfigObject } from '../../injector/config.ts';
import { Refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Source } from './reference.ts';

type Part<K extends 'files' | 'variables' | 'expansions'> = NonNullable<ConfigObject[K]>[number];

export type Output = {
  readonly annotation: string;
  /** How the user knows it: the object's or the variable's name. */
  readonly label: string;
  readonly source: Source;
} & (
  | ({ readonly kind: 'file' } & Part<'files'>)
  | ({ readonly kind: 'variable' } & Part<'variables'>)
  | ({ readonly kind: 'expansion' } & Part<'expansions'>)
);

type Place = Pick<Output, 'annotation' | 'label'> & { readonly path: string };

/** Outputs of one source become one object: it is fetched once. */
export function toObjects(outputs: readonly Output[]): ConfigObject[] {
  const objects = new Map<string, ConfigObject>();
  for (const output of outputs) {
    const { service, name, version = '', label = '' } = output.source;
    const key = JSON.stringify([service, name, version, label]);
    const object = objects.get(key) ?? { ...output.source };
    objects.set(key, object);
    const jmesPath = output.jmesPath === undefined ? {} : { jmesPath: output.jmesPath };
    if (output.kind === 'file') {
      object.files ??= [];
      object.files.push({ path: output.path, mode: output.mode, ...jmesPath });
    } else if (output.kind === 'variable') {
      object.variables ??= [];
      object.variables.push({ name: output.name, ...jmesPath });
    } else {
      object.expansions ??= [];
      object.expansions.push({ prefix: output.prefix, ...jmesPath });
    }
  }
  return [...objects.values()];
}

/** Refuses what would silently overwrite: two outputs of one path, and a path below another that is a file. */
export function collisions(outputs: readonly Output[], envFile: string | undefined): Refusal[] {
  const places: Place[] = outputs.filter((output) => output.kind === 'file');
  if (envFile !== undefined) places.push({ annotation: 'env-file', label: envFile, path: envFile });
  const files = new Map<string, Place>();
  const refusals: Refusal[] = [];
  for (const place of places) {
    const other = files.get(place.path);
    if (other === undefined) files.set(place.path, place);
    else refusals.push(collision(other, place, `both write the file ${echo(place.path)}`));
  }
  for (const place of files.values()) {
    const other = fileAbove(place.path, files);
    const problem =
      other && `write the files ${echo(other.path)} and ${echo(place.path)}, where the first would have to be a folder`;
    if (other && problem) refusals.push(collision(other, place, problem));
  }
  return refusals;
}

function fileAbove(path: string, files: ReadonlyMap<string, Place>): Place | undefined {
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const other = files.get(path.slice(0, slash));
    if (other !== undefined) return other;
  }
  return undefined;
}

function collision(one: Place, two: Place, problem: string): Refusal {
  const second = `${one.annotation === two.annotation ? '' : `${two.annotation} `}${echo(two.label)}`;
  const fix = two.annotation === 'objects' ? 'give one of them another objectAlias' : 'rename one of them';
  return new Refusal(
    'ASI_ADMIT_FILE_COLLISION',
    `${one.annotation}: ${echo(one.label)} and ${second} ${problem}; ${fix}`,
  );
}

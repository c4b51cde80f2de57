/** The annotation `files`: a map from paths in the mount to references. */
import { Refusal } from '../errors.ts';
import { echo } from './echo.ts';
import type { Output } from './outputs.ts';
import { filePathProblem } from './paths.ts';
import { parseReference } from './reference.ts';
import { type Pair, parseTextMap } from './text-map.ts';

/** What an annotation asks for, and everything that is wrong with it. */
export type Reading = { readonly outputs: readonly Output[]; readonly refusals: readonly Refusal[] };

/** Reads the annotation's text. `mode` is the one of files that declare none. */
export function parseFiles(text: string, mode: string, region: string | undefined): Reading {
  const { pairs, refusals } = readPairs('files', 'file', text);
  const outputs: Output[] = [];
  for (const { key, text: reference } of pairs) {
    const problem = filePathProblem(key);
    if (problem !== undefined) {
      refusals.push(new Refusal('ASI_ADMIT_INVALID_FILE_NAME', `files: "${echo(key)}" ${problem}`));
    }
    const parsed = parseReference(reference, region);
    if (!parsed.ok) refusals.push(referenceRefusal('files', key, reference, parsed.problem));
    else outputs.push({ annotation: 'files', label: key, kind: 'file', path: key, mode, ...parsed.value });
  }
  return { outputs, refusals };
}

/** The pairs of an annotation that is a map of things to references, and what is wrong with the map itself. */
export function readPairs(
  annotation: string,
  thing: string,
  text: string,
): { pairs: readonly Pair[]; refusals: Refusal[] } {
  const { pairs, problems } = parseTextMap(text);
  const refusals = problems.map((problem) => new Refusal('ASI_ADMIT_INVALID_VALUE', `${annotation}: ${problem}`));
  if (pairs.length + refusals.length === 0) {
    const message = `${annotation}: is an empty map; name at least one ${thing}, or remove the annotation`;
    refusals.push(new Refusal('ASI_ADMIT_EMPTY', message));
  }
  return { pairs, refusals };
}

/** `problem` is what {@link parseReference} found. */
export function referenceRefusal(annotation: string, key: string, reference: string, problem: string): Refusal {
  const message = `${annotation}: ${echo(key)}: the reference "${echo(reference)}" ${problem}`;
  return new Refusal('ASI_ADMIT_INVALID_REFERENCE', message);
}

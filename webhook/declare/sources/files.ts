/** Reads the annotation `files`: a map from paths in the mount to references. */
import { type Refusal, refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Output, Reading } from '../outputs.ts';
import { parseFileTarget } from '../paths.ts';
import { warnOfSlash } from '../references/meant.ts';
import { asText, parseReference } from '../references/reference.ts';
import { referenceValue } from '../references/reference-value.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { type Pairs, parseMap, type ReadValue } from '../yaml/text-map.ts';

/** The kubelet makes a folder where the file of a mount by subPath does not exist. */
const OPTIONAL_MOUNT =
  'can not be optional, as a folder would be mounted in place of a file that does not exist; ' +
  'write a default, or a path in the mount';

/** Reads the text of `files`. Each mistake becomes a refusal. */
export function parseFiles(text: string, scope: Scope, budget: Budget): Reading {
  const { pairs, refusals } = readPairs('files', 'file', text, budget, referenceValue(['mode'], budget));
  const outputs: Output[] = [];
  for (const { key, value } of pairs) {
    if (refusals.length > MOST_REFUSALS) break;
    const target = parseFileTarget(key);
    if (!target.ok) {
      refusals.push(refusal('ASI_ADMIT_INVALID_FILE_NAME', `files: "${echo(key)}" ${target.problem}`));
    } else if (target.value.directory !== undefined && value.leniency.optional) {
      const message = `files: "${echo(key)}" ${OPTIONAL_MOUNT}`;
      refusals.push(refusal('ASI_ADMIT_INVALID_VALUE', message));
    }
    const { from, leniency, mode = scope.mode, pick } = value;
    const parsed = parseReference(from, scope.region, budget);
    if (!parsed.ok) refusals.push(referenceRefusal('files', key, from, parsed.problem));
    else {
      const { source, ...part } = asText(parsed.value);
      outputs.push({
        annotation: 'files',
        label: key,
        kind: 'files',
        source: withFailover(source, scope),
        part: { ...(target.ok ? target.value : { path: key }), mode, ...part, ...(pick && { pick }), ...leniency },
      });
    }
  }
  return { outputs, refusals, warnings: pairs.flatMap(({ value }) => warnOfSlash('files', value.from)) };
}

/** Reads an annotation that is a map. Returns its pairs, and refusals for what is wrong with the map itself. */
export function readPairs<T>(
  annotation: string,
  thing: string,
  text: string,
  budget: Budget,
  readValue: ReadValue<T>,
): { pairs: Pairs<T>['pairs']; refusals: Refusal[] } {
  const { pairs, problems } = parseMap(text, budget, readValue);
  const refusals = problems.map((problem) => refusal('ASI_ADMIT_INVALID_VALUE', `${annotation}: ${problem}`));
  if (pairs.length + refusals.length === 0) {
    const message = `${annotation}: is an empty map; name at least one ${thing}, or remove the annotation`;
    refusals.push(refusal('ASI_ADMIT_EMPTY', message));
  }
  return { pairs, refusals };
}

/** Returns the refusal of a reference; `problem` comes from {@link parseReference}. */
export function referenceRefusal(annotation: string, key: string, reference: string, problem: string): Refusal {
  const message = `${annotation}: ${echo(key)}: the reference "${echo(reference)}" ${problem}`;
  return refusal('ASI_ADMIT_INVALID_REFERENCE', message);
}

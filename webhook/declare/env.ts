/** The annotation `env`: a map from variables to references. */
import { Refusal } from '../errors.ts';
import { echo } from './echo.ts';
import { type Reading, readPairs, referenceRefusal } from './files.ts';
import type { Output } from './outputs.ts';
import { parseReference } from './reference.ts';

/** What sh, dotenv readers and docker all take. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads the text of `env`. */
export function parseEnv(text: string, region: string | undefined): Reading {
  const { pairs, refusals } = readPairs('env', 'variable', text);
  const outputs: Output[] = [];
  for (const { key, text: reference } of pairs) {
    if (!VARIABLE_NAME.test(key)) {
      const problem = `"${echo(key)}" is no name of a variable; use letters, digits and "_", not a digit first`;
      refusals.push(new Refusal('ASI_ADMIT_INVALID_VARIABLE', `env: ${problem}`));
    }
    const parsed = parseReference(reference, region);
    if (!parsed.ok) refusals.push(referenceRefusal('env', key, reference, parsed.problem));
    else outputs.push({ annotation: 'env', label: key, kind: 'variable', name: key, ...parsed.value });
  }
  return { outputs, refusals };
}

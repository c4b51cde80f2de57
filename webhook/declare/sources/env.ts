/** The annotation `env`: a map from variables to references. */
import { refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Output, Reading } from '../outputs.ts';
import { parseReference } from '../references/reference.ts';
import { referenceValue } from '../references/reference-value.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import type { Delivery } from './delivery.ts';
import { readPairs, referenceRefusal } from './files.ts';

/** What sh, dotenv readers and docker all take. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Bytes of a physical line that the kubelet's scanner no longer reads. */
const KUBELET_LINE = 64 * 1024;

/** Reads the text of `env`. */
export function parseEnv(text: string, scope: Scope, delivery: Delivery, budget: Budget): Reading {
  const { pairs, refusals } = readPairs('env', 'variable', text, budget, referenceValue([]));
  const outputs: Output[] = [];
  for (const { key, value } of pairs) {
    if (refusals.length > MOST_REFUSALS) break;
    if (!VARIABLE_NAME.test(key)) {
      const problem = `"${echo(key)}" is no name of a variable; use letters, digits and "_", not a digit first`;
      refusals.push(refusal('ASI_ADMIT_INVALID_VARIABLE', `env: ${problem}`));
    }
    const kubelet = delivery.kind === 'kubelet';
    const problem = kubelet && value.leniency.default !== undefined && kubeletProblem(key, value.leniency.default);
    if (problem) refusals.push(refusal('ASI_ADMIT_INVALID_VALUE', `env: "${echo(key)}" ${problem}`));
    const parsed = parseReference(value.from, scope.region, budget);
    if (!parsed.ok) {
      refusals.push(referenceRefusal('env', key, value.from, parsed.problem));
      continue;
    }
    const { source, ...part } = { ...parsed.value, ...value.leniency };
    const base = { annotation: 'env', label: key, source: withFailover(source, scope) };
    if (kubelet) outputs.push({ ...base, kind: 'environment', part: { path: key, key, ...part } });
    if (!kubelet || delivery.envFile) outputs.push({ ...base, kind: 'variables', part: { name: key, ...part } });
  }
  const variables = pairs.map(({ key, value }) => ({ name: key, optional: value.leniency.optional === true }));
  return { outputs, refusals, variables };
}

/** What the kubelet's grammar can't carry is known here for defaults; the sentence does not show the text. */
function kubeletProblem(name: string, text: string): string | undefined {
  const end = 'which the kubelet can not deliver; choose another, or env-delivery: shell';
  if (text === '')
    return 'has an empty default, which the kubelet counts as missing; write optional: true in its place';
  if (text.includes("'")) return `has a default with a single quote, ${end}`;
  if (/\r\n|\0/.test(text)) return `has a default with a Windows line end or a NUL, ${end}`;
  const lines = `${name}='${text}'`.split('\n');
  if (lines.some((line) => Buffer.byteLength(line) >= KUBELET_LINE))
    return `has a default with a line of 64 KiB, ${end}`;
  return undefined;
}

/** Reads the annotation `env`: a map from variables to references. */
import { isIdentifier, type KubeletProblem, kubeletProblem } from '../../../injector/contract/variables.ts';
import { refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Output, Reading } from '../outputs.ts';
import { warnOfSlash } from '../references/meant.ts';
import { asText, parseReference } from '../references/reference.ts';
import { referenceValue } from '../references/reference-value.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { type Delivery, SHELL } from './delivery.ts';
import { readPairs, referenceRefusal } from './files.ts';

/** Reads the text of `env`. Each mistake becomes a refusal. If the kubelet delivers, it checks what the kubelet could not read. */
export function parseEnv(text: string, scope: Scope, delivery: Delivery, budget: Budget): Reading {
  const { pairs, refusals } = readPairs('env', 'variable', text, budget, referenceValue([]));
  const outputs: Output[] = [];
  for (const { key, value } of pairs) {
    if (refusals.length > MOST_REFUSALS) break;
    if (!isIdentifier(key)) {
      const problem = `"${echo(key)}" is not a name of a variable; use letters, digits and "_", not a digit first`;
      refusals.push(refusal('ASI_ADMIT_INVALID_VARIABLE', `env: ${problem}`));
    }
    const kubelet = delivery.kind === 'kubelet';
    const problem = kubelet && value.leniency.default !== undefined && kubeletProblem(key, value.leniency.default);
    if (problem) refusals.push(refusal('ASI_ADMIT_INVALID_VALUE', `env: "${echo(key)}" ${PROBLEMS[problem]}`));
    const parsed = parseReference(value.from, scope.region, budget);
    if (!parsed.ok) {
      refusals.push(referenceRefusal('env', key, value.from, parsed.problem));
      continue;
    }
    const { source, ...part } = { ...asText(parsed.value), ...value.leniency };
    const base = { annotation: 'env', label: key, source: withFailover(source, scope) };
    if (kubelet) outputs.push({ ...base, kind: 'environment', part: { path: key, key, ...part } });
    if (!kubelet || delivery.envFile) outputs.push({ ...base, kind: 'variables', part: { name: key, ...part } });
  }
  const variables = pairs.map(({ key, value }) => ({ name: key, optional: value.leniency.optional === true }));
  const warnings = pairs.flatMap(({ value }) => warnOfSlash('env', value.from));
  return { outputs, refusals, variables, warnings };
}

const UNDELIVERABLE = `which the kubelet can not deliver; choose another, or ${SHELL}`;

/** A refusal ends with one of these, which do not show the default: it may be secret. */
const PROBLEMS: Record<KubeletProblem, string> = {
  nul: `has a default with a Windows line end or a NUL, ${UNDELIVERABLE}`,
  empty: 'has an empty default, which the kubelet counts as missing; write optional: true in its place',
  'single-quote': `has a default with a single quote, ${UNDELIVERABLE}`,
  'windows-line-end': `has a default with a Windows line end or a NUL, ${UNDELIVERABLE}`,
  'long-line': `has a default with a line of 64 KiB, ${UNDELIVERABLE}`,
};

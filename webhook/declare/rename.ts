/** Reads `rename`: the steps by which keys get other names, in `objects`, `files`, `env` and `env-from`. */
import { CONVERSIONS, LONGEST_PATTERN, MERGE, MOST_STEPS, type RenameStep } from '../../injector/contract/rename.ts';
import type { Budget } from './budget.ts';
import { echo } from './echo.ts';
import { err, ok, type Result } from './result.ts';
import { unknownKey } from './yaml/leniency.ts';
import { type Fields, readFields } from './yaml/mapping.ts';
import { readText } from './yaml/text-map.ts';
import { isMapping, isScalar, isSequence, type Node } from './yaml/tree.ts';

const EXAMPLE = 'rename: [{source: ^db_, target: ""}]';

/**
 * Returns the steps, or undefined if the key is absent. `isSearch` is true where they rename what a search finds, which may be merged.
 * A problem is the end of a sentence.
 */
export function readRename(fields: Fields, budget: Budget, isSearch: boolean): Result<RenameStep[] | undefined> {
  const node = fields.get('rename') ?? null;
  if (node === null) return ok(undefined);
  if (!isSequence(node) || node.items.length === 0)
    return err(`has a rename that is no list of steps; write ${EXAMPLE}`);
  if (node.items.length > MOST_STEPS) return err(`has more than ${MOST_STEPS} steps of rename; join some of them`);
  const steps: RenameStep[] = [];
  for (const item of node.items) {
    const step = readStep(item, budget);
    if (!step.ok) return err(`has a problem in rename: a step ${step.problem}`);
    if (step.value === MERGE && !isSearch)
      return err(`has the step ${MERGE} in rename, which joins what a search finds; remove it`);
    steps.push(step.value);
  }
  return ok(steps);
}

function readStep(node: Node | null, budget: Budget): Result<RenameStep> {
  const words = [...CONVERSIONS, MERGE] as const;
  const word = words.find((name) => isScalar(node) && node.text === name);
  if (word !== undefined) return ok(word);
  if (!isMapping(node)) return err(`is neither a pattern nor ${words.join(' nor ')}; write ${EXAMPLE}`);
  const fields = readFields(node);
  if (!fields.ok) return err(`has a problem: ${fields.problem}; write its keys out`);
  const unknown = unknownKey(fields.value, ['source', 'target']);
  if (unknown !== undefined) return err(unknown);
  const source = readPatternOf(fields.value, 'source', budget);
  if (!source.ok) return source;
  const target = readText(fields.value.get('target') ?? null, { thing: 'target', example: 'target: ""' });
  if (!target.ok) return target;
  if (target.value.length > LONGEST_PATTERN)
    return err(`has a target of more than ${LONGEST_PATTERN} characters; shorten it`);
  return ok({ source: source.value, target: target.value });
}

/** Returns the pattern that a key holds. A problem is the end of a sentence. */
export function readPatternOf(fields: Fields, key: string, budget: Budget): Result<string> {
  const text = readText(fields.get(key) ?? null, { thing: `pattern in ${key}`, example: `${key}: ^shop/` });
  if (!text.ok) return text;
  const problem = text.value === '' ? 'is empty' : budget.pattern(text.value);
  return problem === undefined
    ? text
    : err(`has the ${key} "${echo(text.value)}", which ${problem}; write a regular expression of RE2`);
}

/** Tests what an evaluation costs: its limit is a number of steps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { apply } from '../../../../injector/contract/jmespath/interpreter.ts';
import { spend } from '../../../../injector/contract/jmespath/limit.ts';
import { ownJson } from '../../../../injector/contract/jmespath/marshal.ts';
import { parseFloat64 } from '../../../../injector/contract/jmespath/parse-float.ts';
import { compile } from '../../../../injector/contract/jmespath/parser.ts';
import { parseJson } from '../../../../injector/contract/json.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/jmespath-steps');

function fixture<T>(name: string): T {
  return parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')) as T;
}

type Case = { path: string; steps: number; text?: string; error?: string };

const STEPS = 100_000;

const [first, ...cases] = fixture<[{ value: string }, ...Case[]]>('steps');

/** Evaluates an expression with the given number of steps. */
function run(path: string, left = STEPS): Omit<Case, 'path'> {
  const value = parseJson(Buffer.from(first.value));
  const compiled = compile(path);
  if (!compiled.ok || value === undefined) throw new Error(path);
  const budget = { left };
  try {
    const result = apply(compiled.expression, value, budget);
    const text = result.kind === 'expression' ? '&' : ownJson(result, budget);
    return { steps: left - budget.left, text };
  } catch (error) {
    return { steps: left - budget.left, error: error instanceof Error ? error.message : '' };
  }
}

t.test('each node, each item and each character of a result is a step', async (t) => {
  for (const { path, ...wanted } of cases) t.strictSame(run(path), wanted, path);
});

t.test('an evaluation ends at its last step, and one with a step less is refused', async (t) => {
  t.match(run('a', 19), { text: '{"x":1,"y":[2,3]}' });
  t.match(run('a', 18), { error: 'It takes too many steps to evaluate.' });
  t.doesNotThrow(() => spend({ left: 1 }, 1));
});

t.test('to_number reads what Go reads as a float64', async (t) => {
  for (const { text, number } of fixture<{ text: string; number?: string }[]>('floats')) {
    const read = parseFloat64(text);
    t.equal(Object.is(read, -0) ? '-0' : read?.toString(), number, JSON.stringify(text));
  }
});

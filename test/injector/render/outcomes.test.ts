/** Tests the whole of what becomes of values, from test/fixtures/render/outcomes.yaml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { type Case, outcomeOf } from '../support/outcome.ts';

const cases = parse(readFileSync(join(import.meta.dirname, '../../fixtures/render/outcomes.yaml'), 'utf8')) as (Case & {
  what: string;
  outcome: unknown;
})[];

for (const { what, outcome, ...input } of cases) {
  t.test(what, async (t) => {
    t.strictSame(JSON.parse(JSON.stringify(outcomeOf(input))), outcome);
  });
}

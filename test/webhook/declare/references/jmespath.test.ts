import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { startBudget } from '../../../../webhook/declare/budget.ts';
import { jmesPathProblem } from '../../../../webhook/declare/references/reference.ts';

const FIXTURES = new URL('../../../fixtures/jmespath/', import.meta.url);

function problemOf(expression: string): string | undefined {
  return jmesPathProblem(expression, startBudget());
}

/** TAP does not take every character. */
function named(path: string): string {
  return JSON.stringify(path).replace(/[^ -~]/g, '·');
}

for (const file of readdirSync(FIXTURES)) {
  t.test(
    `${file}: refused at admission where go-jmespath does not compile it, and never where it has a result`,
    async (t) => {
      const { cases } = parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as {
        cases: { path: string; go?: string }[];
      };
      for (const { path, go } of cases) {
        if (go === 'does not compile') t.type(problemOf(path), 'string', named(path));
        if (go === undefined || go === 'null') t.equal(problemOf(path), undefined, named(path));
      }
    },
  );
}

t.test('the refusal says what to do, or what is too much', async (t) => {
  t.match(problemOf('a-b'), `did you mean '"a-b"'?`);
  t.match(problemOf('a['), 'in double quotes');
  t.match(problemOf(' '), 'leave "#" out');
  t.match(problemOf('a||'.repeat(1000)), 'more than 1000 names');
});

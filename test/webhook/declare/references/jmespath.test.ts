import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { startBudget } from '../../../../webhook/declare/budget.ts';
import { checkJmesPath, parseReference } from '../../../../webhook/declare/references/reference.ts';

const FIXTURES = new URL('../../../fixtures/jmespath/', import.meta.url);

function refusalOf(expression: string): object | undefined {
  const checked = checkJmesPath(expression, startBudget());
  return 'expression' in checked ? undefined : checked;
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
        if (go === 'does not compile') t.type(refusalOf(path), 'object', named(path));
        if (go === undefined || go === 'null') t.equal(refusalOf(path), undefined, named(path));
      }
    },
  );
}

t.test('the refusal says what to do, or what is too much', async (t) => {
  t.match(refusalOf('a-b'), { meant: '"a-b"' });
  t.match(refusalOf('a['), { problem: /in double quotes/ });
  t.match(refusalOf('a||'.repeat(1000)), { problem: /more than 1000 names/ });
});

t.test('a JMESPath that never looks at the value is refused in a reference, and no other', async (t) => {
  const constant = [
    "'a'",
    '`1`',
    "'a' | 'b'",
    "password | 'b'",
    "length('a')",
    "['a', 'b'][0]",
    "{a: 'b'}",
    "'a'.b",
    "['a'][*]",
  ];
  const dependent = [
    '@',
    'a',
    "a || 'b'",
    "[?name=='b'] | [0]",
    "join(',', a)",
    "{a: 'b', c: c}",
    '*.a',
    'a[]',
    "!a && 'b'",
  ];
  for (const path of constant) {
    const parsed = parseReference(`app1/db#${path}`, undefined, startBudget());
    t.match(parsed, { ok: false, problem: /never looks at the value/ }, named(path));
  }
  for (const path of dependent)
    t.match(parseReference(`app1/db#${path}`, undefined, startBudget()), { ok: true }, named(path));
});

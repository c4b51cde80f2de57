import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { startBudget } from '../../../../webhook/declare/budget.ts';
import { parseReference } from '../../../../webhook/declare/references/reference.ts';
import { compareSaid } from '../../support/said.ts';

const FIXTURES = new URL('../../../fixtures/references/', import.meta.url);

type Accepted = { about?: string; text: string; region?: string; service?: string } & Record<string, string>;

t.test('a reference means what the table says', async (t) => {
  const cases = parse(readFileSync(new URL('accepted.yaml', FIXTURES), 'utf8')) as Accepted[];
  for (const { text, about, region = 'us-west-2', jmesPath, ...source } of cases) {
    const value = { source: { service: 'secretsmanager', ...source }, ...(jmesPath === undefined ? {} : { jmesPath }) };
    t.strictSame(parseReference(text, region, startBudget()), { ok: true, value }, about ?? text);
  }
});

t.test('a bad reference is refused with what to write instead', async (t) => {
  const cases = parse(readFileSync(new URL('refused.yaml', FIXTURES), 'utf8')) as { text: string; problem: string }[];
  const said = cases.map(({ text, problem }) => {
    const result = parseReference(text, 'us-west-2', startBudget());
    t.match(result, { ok: false }, text);
    t.ok(!result.ok && result.problem.includes(problem), `${JSON.stringify(text)}: ${JSON.stringify(result)}`);
    return `${JSON.stringify(text)} ${result.ok ? 'is accepted' : result.problem}`;
  });
  compareSaid(t, 'references/refused', said);
});

t.test('where no region is known, ARNs are not compared with it', async (t) => {
  t.match(parseReference('arn:aws:ssm:eu-central-1:123456789012:parameter/a', undefined, startBudget()), { ok: true });
});

t.test('whatever the text, there is an answer, and never a source with white space or "#"', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(ssm:|arn:aws:ssm:us-west-2:)?[a/:?#=&]{0,12}$/)), (text) => {
      const result = parseReference(text, 'us-west-2', startBudget());
      return !result.ok || !/[\s#?]/.test(JSON.stringify(result.value.source));
    }),
  );
});

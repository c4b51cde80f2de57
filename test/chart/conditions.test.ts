import t from 'tap';
import { declares, PREFIX, SOURCES } from '../../webhook/declare/annotations.ts';
import { type Rendering, render } from './render.ts';

function expression({ ValidatingAdmissionPolicy }: Rendering, name: string): string {
  const condition = ValidatingAdmissionPolicy?.spec?.matchConditions?.find((condition) => condition.name === name);
  if (!condition) throw new Error(`the policy has no condition ${name}`);
  return condition.expression;
}

function list(cel: string): string[] {
  const [, words] = /\[('[^\]]*')\]/.exec(cel.replace(/annotations\['[^']*'\]/g, '')) ?? [];
  return words?.split(/, */).map((word) => word.slice(1, -1)) ?? [];
}

t.test('the policy and the webhook agree on which annotations declare secrets', async (t) => {
  t.strictSame(list(expression(await render(), 'declares-secrets')), [...SOURCES]);
  t.ok(SOURCES.every((name) => declares({ [PREFIX + name]: 'x' })));
});

t.test('the conditions and the webhook agree on what turns the injection off', async (t) => {
  const cel = expression(await render(), 'not-turned-off');
  t.match(cel, '.lowerAscii() in');
  const off = list(cel);
  for (const word of ['false', 'f', '0', 'true', 't', '1', 'no', 'off', '']) {
    const injects = declares({ [`${PREFIX}inject`]: word, [`${PREFIX}files`]: 'a: b' });
    t.equal(off.includes(word), !injects, `inject: "${word}"`);
  }
});

import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { Declaration } from '../../../../webhook/declare/declaration.ts';
import { declare } from '../../../../webhook/declare/declare.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';
import { compareSaid } from '../../support/said.ts';

type Case = {
  readonly about: string;
  readonly own: Record<string, string>;
  readonly refused?: string;
  readonly never?: string;
  readonly declared?: { readonly [key in keyof Declaration]?: unknown };
};

const FIXTURE = new URL('../../../fixtures/annotations/delivery.yaml', import.meta.url);
const CASES = parse(readFileSync(FIXTURE, 'utf8')) as Case[];

t.test('variables reach the app as the table says, or are refused with the way out', async (t) => {
  const said = CASES.flatMap(({ about, own, refused, never, declared }) => {
    const result = declare(annotationsOf(own), CONTEXT);
    const messages = result.ok ? [] : result.refusals.map(({ code, message }) => `${code} ${message}`);
    if (refused !== undefined) {
      t.strictSame(
        [messages[0]?.slice(0, refused.length), messages.length],
        [refused, 1],
        `${about} ${messages.join()}`,
      );
      t.match(messages[0], /; /, `${about}: names the fix`);
      if (never !== undefined) t.notMatch(messages.join(), never, `${about}: shows no value`);
    }
    for (const [key, value] of Object.entries(declared ?? {})) {
      const found = result.ok ? result.declaration[key as keyof Declaration] : messages;
      t.strictSame(found, value ?? undefined, `${about}: ${key}`);
    }
    return messages;
  });
  compareSaid(t, 'annotations/delivery', said);
});

t.test('a default with a line that the kubelet can not read is refused, one that it can is not', async (t) => {
  const codes = (length: number): boolean =>
    declare(annotationsOf({ env: `ABC: {from: b, default: "x\\n${'é'.repeat(length)}"}` }), CONTEXT).ok;
  t.ok(codes(32_767));
  t.notOk(codes(32_768));
});

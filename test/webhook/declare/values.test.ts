import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { Row } from '../../../webhook/declare/annotation-row.ts';
import { ANNOTATIONS } from '../../../webhook/declare/annotation-table.ts';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';
import { compareSaid } from '../support/said.ts';

type Cases = { readonly accepted: [string, unknown][]; readonly refused: [string | number, string][] };

const FIXTURE = new URL('../../fixtures/annotations/values.yaml', import.meta.url);
const CASES = parse(readFileSync(FIXTURE, 'utf8')) as Record<string, Cases>;

/** The members of the declaration that have values of annotations in another form. */
const MADE: Readonly<Record<string, string>> = { 'use-pod-identity': 'identity', 'role-arn': 'assume' };

function memberOf(name: string): string {
  const row = (ANNOTATIONS as Readonly<Record<string, Row>>)[name];
  return (row && 'parse' in row ? row.option : undefined) ?? MADE[name] ?? name;
}

const said: string[] = [];

for (const [name, { accepted, refused }] of Object.entries(CASES)) {
  t.test(`${name} is read as the table says`, async (t) => {
    for (const [text, value] of accepted) {
      const result = declare(annotationsOf({ files: 'a: a', [name]: text }), CONTEXT);
      t.match(result, { ok: true }, text);
      if (value === null || !result.ok) continue;
      const all: Record<string, unknown> = result.declaration;
      t.strictSame(all[memberOf(name)], value, text);
    }
    for (const [text, part] of refused) {
      const result = declare(annotationsOf({ files: 'a: a', [name]: String(text) }), CONTEXT);
      const [refusal] = result.ok ? [] : result.refusals;
      const message = refusal?.message ?? 'accepted';
      t.ok(message.startsWith(`${name}: `) && message.includes(part), `${text}: ${message}`);
      said.push(message);
    }
  });
}

t.test('each bad value is refused in these words', async (t) => {
  compareSaid(t, 'annotations/values', said);
});

t.test('file-permission is the mode of all that declare none, without its sticky bit', async (t) => {
  const own = {
    objects:
      '- {objectName: a, objectType: ssmparameter}\n- {objectName: b, objectType: ssmparameter, filePermission: "0444"}',
    files: 'c: c',
    env: 'A: c',
    'env-delivery': 'file',
    'env-file': 'd',
    'file-permission': '1640',
  };
  const result = declare(annotationsOf(own), CONTEXT);
  t.match(result, {
    declaration: {
      objects: [{ files: [{ mode: '0640' }] }, { files: [{ mode: '0444' }] }, { files: [{ mode: '0640' }] }],
      envFile: { path: 'd', format: 'shell', mode: '0640' },
    },
  });
});

t.test('every annotation of the reference is known to declare', async (t) => {
  for (const name of Object.keys(ANNOTATIONS)) {
    const result = declare(annotationsOf({ [name]: 'x' }), CONTEXT);
    const codes: string[] = result.ok ? [] : result.refusals.map(({ code }) => code);
    t.notOk(codes.includes('ASI_ADMIT_UNKNOWN_ANNOTATION'), name);
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseGoTemplate } from '../../../webhook/external-secrets/go-template.ts';
import { jmesPathOf } from '../../../webhook/external-secrets/property.ts';

type Table = Readonly<Record<string, readonly [text: string, expected: unknown]>>;

const FILE = join(import.meta.dirname, '../../fixtures/external-secrets/parts.json');
const { read, refused, properties, refusedProperties } = JSON.parse(readFileSync(FILE, 'utf8')) as {
  readonly read: Table;
  readonly refused: Table;
  readonly properties: Readonly<Record<string, string>>;
  readonly refusedProperties: readonly string[];
};

for (const [name, [text, expected]] of Object.entries(read)) {
  t.test(`a Go template is read: ${name}`, async (t) => {
    t.same(parseGoTemplate(text), { ok: true, value: expected });
  });
}

for (const [name, [text, expected]] of Object.entries(refused)) {
  t.test(`a Go template is refused, with the part that has no counterpart: ${name}`, async (t) => {
    const { problem } = parseGoTemplate(text) as { readonly problem: string };
    t.ok(problem.includes(String(expected)), problem);
  });
}

t.test('a Go template with many quotes and no end is refused after one look at each', async (t) => {
  t.same(parseGoTemplate(`{{ ${'"a" '.repeat(2000)}`).ok, false);
});

for (const [property, expected] of Object.entries(properties)) {
  t.test(`the property ${property} is the JMESPath ${expected}`, async (t) => {
    t.same(jmesPathOf(property), { ok: true, value: expected });
  });
}

for (const property of refusedProperties) {
  t.test(`the property ${property}, which gjson calculates, is refused`, async (t) => {
    t.equal(jmesPathOf(property).ok, false);
  });
}

/** Tests what is removed from everything that is printed, and what stays. */
import fc from 'fast-check';
import t from 'tap';
import { createRedactor } from '../../injector/redactor.ts';
import { Secret } from '../../injector/secret.ts';

const TOKEN = 'IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDk';

function knowing({
  values = [],
  credentials = [],
  shown,
}: {
  values?: string[];
  credentials?: string[];
  shown?: string;
}) {
  const redactor = createRedactor(shown);
  for (const value of values) redactor.addValue(new Secret(value));
  for (const credential of credentials) redactor.addCredential(credential);
  return redactor.redact;
}

const cases: [sentence: string, known: Parameters<typeof knowing>[0], text: string, redacted: string][] = [
  ['a credential is taken out', { credentials: [TOKEN] }, `x:${TOKEN}\n!`, 'x:[redacted]\n!'],
  ['twice', { credentials: [TOKEN] }, `${TOKEN}${TOKEN}`, '[redacted][redacted]'],
  ['its beginning too', { credentials: [TOKEN] }, `${TOKEN.slice(0, 20)} is bad`, '[redacted] is bad'],
  ['and as a URL has it', { credentials: [TOKEN] }, `t=${encodeURIComponent(TOKEN)}&`, 't=[redacted]&'],
  [
    'a short beginning where the text was cut',
    { credentials: [TOKEN] },
    `see ${TOKEN.slice(0, 5)}…`,
    'see [redacted]…',
  ],
  ['or where somebody else cut it', { credentials: [TOKEN] }, `see ${TOKEN.slice(0, 5)}... x`, 'see [redacted]... x'],
  [
    'a short beginning elsewhere stays',
    { credentials: [TOKEN] },
    `see ${TOKEN.slice(0, 5)}.`,
    `see ${TOKEN.slice(0, 5)}.`,
  ],
  ['a value is taken out', { values: ['hunter2hunter2'] }, '"hunter2hunter2"', '"[redacted]"'],
  ['one of eight characters is', { values: ['hunter22'] }, 'a hunter22 b', 'a [redacted] b'],
  ['one of seven is not', { values: ['hunter2', 'true', ''] }, 'hunter2 is true', 'hunter2 is true'],
  [
    'the texts in JSON are',
    { values: ['{"a":["correct horse"],"n":1234567890}'] },
    'correct horse 1234567890',
    '[redacted] [redacted]',
  ],
  ['the keys of JSON stay', { values: ['{"password":"hunter22"}'] }, 'no key password', 'no key password'],
  ['JSON in JSON is', { values: ['{"user":"admin"}'] }, '"{\\"user\\":\\"admin\\"}"', '"[redacted]"'],
  ['line breaks are read as the line has them', { values: ['-----BEGIN\nKEY'] }, 'x -----BEGIN KEY', 'x [redacted]'],
  [
    'what the configuration says stays',
    { values: ['postgres'], shown: '"shop/postgres"' },
    'shop/postgres',
    'shop/postgres',
  ],
  ['of two the longer one', { values: ['hunter22', 'hunter2233'] }, 'hunter2233', '[redacted]'],
  ['of two the shorter one', { values: ['hunter22', 'hunter2233'] }, 'hunter2244', '[redacted]44'],
];
for (const [sentence, known, text, redacted] of cases) {
  t.test(sentence, async (t) => t.equal(knowing(known)(text), redacted));
}

t.test('no secret of eight characters or more is left in any text', async (t) => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 8 }), fc.array(letters, { maxLength: 4 }), (values, around) => {
      const text = values.flatMap((value, index) => [around[index] ?? '-', value]).join(' ');
      const redacted = knowing({ values })(text);
      for (const value of values) t.notOk(redacted.includes(value), `${value} in ${redacted}`);
    }),
  );
});

t.test('what is learned later is taken out as well', async (t) => {
  const redactor = createRedactor();
  const values = Array.from({ length: 50 }, (_, index) => `secret-number-${index}`);
  for (const value of values) {
    t.equal(redactor.redact(value.slice(0, 7)), value.slice(0, 7));
    redactor.addCredential(value);
  }
  t.equal(redactor.redact(values.join(' ')), values.map(() => '[redacted]').join(' '));
});

t.test(
  'many large values of one beginning and a hostile text are no work, by the limit of time of this file',
  async (t) => {
    const redactor = createRedactor();
    for (let index = 0; index < 2_500; index += 1)
      redactor.addValue(new Secret(`${'a'.repeat(64 * 1024 - 4)}${index}`));
    const hostile = `${'a'.repeat(15)}b`.repeat(250);
    for (let line = 0; line < 1_000; line += 1) t.equal(redactor.redact(hostile).length, hostile.length);
  },
);

t.test('JSON of very many texts is looked into as far as there is memory for it', async (t) => {
  const redactor = createRedactor();
  const leaf = (value: number, index: number) => `leaf-${value}-${index}`;
  for (let value = 0; value < 100; value += 1) {
    redactor.addValue(new Secret(JSON.stringify(Array.from({ length: 4_000 }, (_, index) => leaf(value, index)))));
  }
  t.equal(redactor.redact(leaf(0, 3_999)), '[redacted]');
  t.equal(redactor.redact(leaf(99, 3_999)), leaf(99, 3_999));
  t.match(redactor.redact(JSON.stringify([leaf(99, 0), leaf(99, 1)])), /^\[redacted]/);
});

t.test('what was forgotten is a secret no more, and what comes after it is one', async (t) => {
  const redactor = createRedactor();
  redactor.addCredential('first-credential');
  redactor.redact('first-credential');
  redactor.addCredential('second-credential');
  redactor.forget();
  redactor.addCredential('third-credential');
  t.equal(
    redactor.redact('first-credential second-credential third-credential'),
    'first-credential second-credential [redacted]',
  );
});

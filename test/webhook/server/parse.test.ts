/** JSON that could change prototypes, and what is no JSON. */
import t from 'tap';
import { parseJson, Unreadable } from '../../../webhook/server/parse.ts';

const KEPT: Readonly<Record<string, readonly [text: string, json: unknown]>> = {
  'what has no such key as it is': ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
  'text behind a byte order mark': ['\uFEFF{"a":1}', { a: 1 }],
  'a constructor that is a text': ['{"a":{"constructor":"x"}}', { a: { constructor: 'x' } }],
  'a constructor without a prototype': ['{"constructor":{"a":1}}', { constructor: { a: 1 } }],
  'a value that is such a key': ['["__proto__","constructor"]', ['__proto__', 'constructor']],
};

for (const [what, [text, json]] of Object.entries(KEPT)) {
  t.test(`reads ${what}`, async (t) => {
    t.equal(JSON.stringify(parseJson(Buffer.from(text))), JSON.stringify(json));
  });
}

for (const text of [
  '{"__proto__":{"x":1},"b":2}',
  '{"\\u005f_proto__":{"x":1},"b":2}',
  '{"constructor":{"prototype":{"x":1}},"b":2}',
  '{"c\\u006fnstructor":{"prototype":1},"b":2}',
]) {
  t.test(`leaves a key out of ${text}, wherever it stands`, async (t) => {
    const read = parseJson(Buffer.from(`[{"in":${text}}]`)) as { in: object }[];
    t.strictSame(Object.getOwnPropertyNames(read[0]?.in), ['b']);
  });
}

for (const text of ['{', '\uFEFF', '{"__proto__":', 'x'.repeat(100)]) {
  t.test(`says that ${JSON.stringify(text.slice(0, 20))} is no JSON`, async (t) => {
    t.throws(() => parseJson(Buffer.from(text)), {
      statusCode: 400,
      message: /not valid JSON/,
    });
  });
}

t.test('says that there is no body', async (t) => {
  t.throws(
    () => parseJson(Buffer.alloc(0)),
    new Unreadable("Body cannot be empty when content-type is set to 'application/json'"),
  );
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { parseJson } from '../../../injector/contract/json.ts';
import { entriesAt, partAt } from '../../../injector/render/part.ts';

type Case = { value: string; path: string; text?: string; code?: string; cause?: string; fix?: string };

const cases = parse(readFileSync(join(import.meta.dirname, '../../fixtures/parts/jmespath.yaml'), 'utf8')) as Case[];
const reference = 'app1/db?stage=AWSPREVIOUS';
const target = { object: 'app1/db', alias: 'password', output: 'the file password', reference };

for (const { value, path, text, code, cause, fix } of cases) {
  t.test(`${path} of ${value} is ${code ?? JSON.stringify(text)}`, async (t) => {
    const part = partAt(Buffer.from(value), path, target);
    if (part.ok) t.equal(part.text, text);
    else t.equal(part.code, code);
    if (!part.ok && cause !== undefined) t.match(part.cause, cause);
    if (!part.ok && fix !== undefined) t.match(part.fix, fix);
  });
}

t.test("the headlines are ASCP's", async (t) => {
  const headline = (value: string, path: string) => {
    const part = partAt(Buffer.from(value), path, target);
    return part.ok ? undefined : part.headline;
  };
  t.equal(headline('x', 'a'), 'Invalid JSON used with jmesPath in secret: app1/db.');
  t.equal(headline('{}', '.a'), 'Invalid JMES Path: .a.');
  t.equal(headline('{}', 'a'), 'JMES Path - a for object alias - password does not point to a valid object.');
  t.equal(headline('{"a":1}', 'a'), 'Invalid JMES search result type for path:a. Only string is allowed.');
});

t.test('a reference is refused in plain words about itself and its output', async (t) => {
  const headline = (value: string, path: string) => {
    const part = partAt(Buffer.from(value), path, target, 'any');
    return part.ok ? undefined : part.headline;
  };
  const start = (path: string) => `The reference ${reference}#${path} of the file password`;
  t.equal(headline('x', 'a'), `${start('a')} asks for a part of a value that is not JSON.`);
  t.equal(headline('{}', '.a'), `${start('.a')} is not valid: what follows # is no JMESPath.`);
  t.equal(headline('{}', 'a'), `${start('a')} points to nothing in the value.`);
  t.equal(headline('{"a":null}', 'a'), `${start('a')} points to null.`);
  t.equal(headline('{}', '&a'), `${start('&a')} points to something that JSON can not hold.`);
});

t.test('reads every JSON as JSON.parse does', async () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const node = parseJson(Buffer.from(text));
      return node !== undefined && JSON.stringify(JSON.parse(node.source)) === JSON.stringify(JSON.parse(text));
    }),
  );
});

t.test('refuses what JSON.parse refuses', async () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:0123456789.eE+- \\untrfalse\n') }), (text) => {
      let valid = true;
      try {
        valid = !/e\+?\d{3}/i.test(text) && JSON.parse(text) !== undefined;
      } catch {
        valid = false;
      }
      return /e\+?\d{3}/i.test(text) || (parseJson(Buffer.from(text)) !== undefined) === valid;
    }),
    { numRuns: 2000 },
  );
});

t.test('a value as deep as a trap is no JSON, not a crash', async (t) => {
  t.equal(parseJson(Buffer.from('['.repeat(100_000))), undefined);
});

t.test('a long text is read', async (t) => {
  const text = JSON.stringify({ a: 'x\n'.repeat(30_000) });
  t.equal(partAt(Buffer.from(text), 'a', target).ok, true);
});

t.test(
  'with type any what is no text is JSON in the words of the source, text stays text, and null is refused',
  async (t) => {
    const value =
      '{"n":1.50,"big":12345678901234567890,"b":false,"o":{ "k" : [1.0] },"a":[1.0, "x"],"s":"é","z":null,"h":1e400,"e":[-0, 1E5, {"x":1e400}]}';
    const any = (path: string) => {
      const part = partAt(Buffer.from(value), path, target, 'any');
      return part.ok ? [part.text, part.isJson] : part.code;
    };
    t.strictSame(['n', 'big', 'b', 'o', 'a', 'a[0]', 's', 'h', 'e', '[h]', 'to_string(n)', 'sum([n, n])'].map(any), [
      ['1.50', true],
      ['12345678901234567890', true],
      ['false', true],
      ['{ "k" : [1.0] }', true],
      ['[1.0, "x"]', true],
      ['1.0', true],
      ['é', false],
      ['1e400', true],
      ['[-0, 1E5, {"x":1e400}]', true],
      ['[1e400]', true],
      ['1.5', false],
      ['3', true],
    ]);
    t.strictSame(['z', 'none', 'not_null(none, none)', 'none || z'].map(any), [
      'ASI_OUT_JSON_NULL',
      'ASI_OUT_JMES_MISSING',
      'ASI_OUT_JMES_MISSING',
      'ASI_OUT_JSON_NULL',
    ]);
    t.equal(any('to_string(h)'), 'ASI_OUT_JMES_PATH');
  },
);

t.test('entries keep the words of the source, at a path and inside a text too', async (t) => {
  const source = (value: string, path?: string) => {
    const found = entriesAt(Buffer.from(value), path);
    return found.ok ? [...found.entries].map(([key, node]) => `${key}=${node.source}`) : found.reason;
  };
  t.strictSame(source('{"n":1.50,"o":{ "k" : 1 }}'), ['n=1.50', 'o={ "k" : 1 }']);
  t.strictSame(source('{"in":{"n":1.50}}', 'in'), ['n=1.50']);
  t.strictSame(source('{"in":"{\\"n\\":1.50}"}', 'in'), ['n=1.50']);
  t.strictSame(source('{"a":{"n":12345678901234567890}}', '{b: a.n}'), ['b=12345678901234567890']);
  t.strictSame(source('{"n":1e400}'), ['n=1e400']);
  t.equal(source('null'), 'null');
  t.equal(source('{"in":null}', 'in'), 'null');
  for (const value of ['[]', '"x"', 'plain']) t.equal(source(value), 'kind');
});

t.test('entries at a path that leads nowhere are absent', async (t) => {
  t.strictSame(entriesAt(Buffer.from('{"a":{}}'), 'b'), { ok: false, reason: 'absent' });
  t.strictSame(entriesAt(Buffer.from('{"a":1}'), 'a'), { ok: false, reason: 'kind' });
});

t.test('entries of what can not be evaluated are none', async (t) => {
  const value = Buffer.from('{"a":"x","b":{"c":"d"}}');
  t.strictSame(entriesAt(value, 'abs(a)'), { ok: false, reason: 'kind' });
  t.strictSame(entriesAt(value, 'x'), { ok: false, reason: 'absent' });
  t.match(entriesAt(value, 'b'), { ok: true });
});

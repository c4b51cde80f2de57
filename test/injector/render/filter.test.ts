import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import type { FilterName } from '../../../injector/contract/filters.ts';
import { applyFilter, type Piped } from '../../../injector/render/filter.ts';

const piped = (value: string | Uint8Array, isJson = false): Piped => ({ bytes: Buffer.from(value), isJson });

/** Returns the result as text. Throws if the filter does not accept the value. */
function through(name: FilterName, value: string | Uint8Array, isJson = false): string {
  const result = applyFilter(name, piped(value, isJson));
  if (typeof result === 'string') throw new Error(result);
  return Buffer.from(result.bytes).toString();
}

const text = fc.string({ unit: 'grapheme' }).map((value) => value.toWellFormed());
const nasty = fc.string({ unit: fc.constantFrom(...` ab=:#!\\'"\t\n\r\f\0\u007f\u00e9\u2028😀`) });
const bytes = fc.uint8Array();

t.test('json quotes text, and leaves what is JSON already in its own words', async (t) => {
  fc.assert(fc.property(fc.oneof(text, nasty), (value) => JSON.parse(through('json', value)) === value));
  t.equal(through('json', '{ "n": 1.50 }', true), '{ "n": 1.50 }');
  const twice = applyFilter('json', applyFilter('json', piped('1.50', true)) as Piped) as Piped;
  t.equal(Buffer.from(twice.bytes).toString(), '"1.50"');
});

t.test('base64 and base64decode give any bytes back', async () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const encoded = applyFilter('base64', piped(value)) as Piped;
      const decoded = applyFilter('base64decode', encoded) as Piped;
      return (
        Buffer.from(value).equals(decoded.bytes) && /^[A-Za-z0-9+/]*=*$/.test(Buffer.from(encoded.bytes).toString())
      );
    }),
  );
});

t.test('base64decode takes what base64 tools write, and refuses what is not base64', async (t) => {
  const wrapped = spawnSync('base64', { input: 'x'.repeat(200), encoding: 'utf8' }).stdout;
  t.equal(through('base64decode', wrapped), 'x'.repeat(200));
  for (const value of ['a', 'abc', 'a===', 'ab=c', '_-==', 'no!!', '====', 'é']) {
    t.equal(applyFilter('base64decode', piped(value)), 'it is not base64', value);
  }
});

t.test('base64urldecode takes the alphabet of URLs only', async (t) => {
  t.equal(through('base64urldecode', 'Pz8_\nPj4-'), '???>>>');
  t.equal(applyFilter('base64urldecode', piped('Pz8/')), 'it is not base64 with the alphabet of URLs');
});

t.test('base64auto decodes both alphabets, and leaves what is neither', async (t) => {
  for (const [value, result] of Object.entries({ 'Pz8/': '???', Pz8_: '???', 'a b': 'a b', abc: 'abc', '': '' })) {
    t.equal(through('base64auto', value), result, value);
  }
  const raw = new Uint8Array([0, 255]);
  t.same((applyFilter('base64auto', piped(raw)) as Piped).bytes, raw);
});

t.test('quote makes a text of everything', async (t) => {
  t.equal(through('quote', 'a"b'), '"a\\"b"');
  t.equal(through('quote', '5432', true), '"5432"');
});

t.test('upper, lower and trim change text as Go does', async (t) => {
  t.equal(through('upper', 'aß-éı'), 'Aß-ÉI');
  t.equal(through('lower', 'AİΣ'), 'aiσ');
  t.equal(through('trim', '\u0085 \t\ufeffa b\n\u3000'), '\ufeffa b');
  t.equal(through('trim', ' \n '), '');
  t.equal(applyFilter('upper', piped(new Uint8Array([255]))), 'it is not UTF-8 text');
});

t.test('urlencode leaves only unreserved characters, and readers of URLs give the text back', async (t) => {
  fc.assert(
    fc.property(fc.oneof(text, nasty), (value) => {
      const encoded = through('urlencode', value);
      return decodeURIComponent(encoded) === value && /^([A-Za-z0-9._~-]|%[0-9A-F]{2})*$/.test(encoded);
    }),
  );
  t.equal(through('urlencode', "a b/ü+~!*'()"), 'a%20b%2F%C3%BC%2B~%21%2A%27%28%29');
  t.equal(through('urlencode', new Uint8Array([0, 255])), '%00%FF');
});

t.test('shell is one word, whatever the bytes are', async (t) => {
  fc.assert(
    fc.property(
      bytes.map((value) => value.filter((byte) => byte !== 0)),
      (value) => {
        const word = (applyFilter('shell', piped(value)) as Piped).bytes;
        const script = Buffer.concat([Buffer.from("printf '%s' "), word]);
        return spawnSync('sh', { input: script }).stdout.equals(Buffer.from(value));
      },
    ),
    { numRuns: 40 },
  );
  t.equal(through('shell', "it's $x"), "'it'\\''s $x'");
  t.match(applyFilter('shell', piped('a\0b')), 'NUL');
});

/** Reads `key=` and the value as the documentation of java.util.Properties.load says. */
function readProperty(value: string): string {
  const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' };
  return `key=${value}\n`
    .replace(/^key[ \t\f]*[=:]?[ \t\f]*/, '')
    .replace(/\n$/, '')
    .replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, code: string) =>
      code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
    );
}

t.test('properties is ASCII on one line, and load gives the text back', async (t) => {
  fc.assert(
    fc.property(fc.oneof(text, nasty), (value) => {
      const escaped = through('properties', value);
      return /^[ -~]*$/.test(escaped) && readProperty(escaped) === value;
    }),
    { numRuns: 1000 },
  );
  t.equal(through('properties', ' a=b\n\u00e9😀'), '\\ a\\=b\\n\\u00E9\\uD83D\\uDE00');
});

t.test('json and properties refuse what is not text', async (t) => {
  for (const name of ['json', 'properties'] as const) {
    t.equal(applyFilter(name, piped(new Uint8Array([255]))), 'it is not UTF-8 text');
  }
});

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { type Evaluation, evaluate } from '../../../../injector/contract/jmespath/evaluate.ts';
import { compile } from '../../../../injector/contract/jmespath/parser.ts';
import { parseJson } from '../../../../injector/contract/json.ts';

const FIXTURES = new URL('../../../fixtures/jmespath/', import.meta.url);

/** Has a recorded result of go-jmespath 0.4.0: a text, another result as JSON (none if JSON cannot hold it), or no result. */
type Recorded = { path: string; value?: string; base64?: string; text?: string; json?: string; go?: string };

function at(value: string | Buffer, path: string): Evaluation | undefined {
  const json = parseJson(Buffer.from(value));
  return json && evaluate(json, path);
}

/** Returns the result in the form of the fixtures, where Go's panics are errors. */
function expected({ text, json, go }: Recorded): unknown {
  if (text !== undefined) return { text };
  if (json !== undefined) return json === 'none' ? { json } : { json: JSON.parse(json) };
  return go === 'panic' || go === 'does not compile' ? 'error' : go;
}

function seen(evaluation: Evaluation | undefined): unknown {
  if (evaluation === undefined) return 'invalid JSON';
  if (!evaluation.ok) return 'error';
  const { value } = evaluation;
  if (value === null) return 'null';
  if (typeof value === 'string') return { text: value };
  return { json: /NaN|Infinity/.test(String(value)) ? 'none' : JSON.parse(JSON.stringify(value)) };
}

/** TAP does not take every character. */
function named(...words: unknown[]): string {
  return JSON.stringify(words).replace(/[^ -~]/g, '·');
}

for (const file of readdirSync(FIXTURES)) {
  const { value = '', cases } = parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as {
    value?: string;
    cases: Recorded[];
  };
  t.test(`${file}: results are those of go-jmespath`, async (t) => {
    for (const recorded of cases) {
      const { path, base64 } = recorded;
      const source = base64 === undefined ? Buffer.from(recorded.value ?? value) : Buffer.from(base64, 'base64');
      t.strictSame(seen(at(source, path)), expected(recorded), named(path, recorded.value ?? base64));
    }
  });
  t.test(`${file}: compiles what go-jmespath compiles`, async (t) => {
    for (const { path, go } of cases) {
      if (go === 'does not compile') t.equal(compile(path).ok, false, named(path));
      if (go === undefined || go === 'null') t.equal(compile(path).ok, true, named(path));
    }
  });
}

t.test('what fails only with a value at hand compiles', async (t) => {
  for (const path of ['nosuch(a)', 'abs(`"x"`)', 'length()', 'a[::0]']) t.equal(compile(path).ok, true, path);
});

t.test("a result that stands in the source has the source's own text", async (t) => {
  const value = '{"n":12345678901234567890,"f":1.50,"o":{ "k" : 1.0 },"l":[1.0, 2],"t":true,"s":"\\u0061"}';
  const source = (path: string) => {
    const result = at(value, path);
    return result?.ok ? result.node?.source : undefined;
  };
  t.equal(source('n'), '12345678901234567890');
  t.equal(source('f'), '1.50');
  t.equal(source('o'), '{ "k" : 1.0 }');
  t.equal(source('l[0]'), '1.0');
  t.equal(source('t'), 'true');
  t.equal(source('s'), '"\\u0061"');
  t.equal(source('max([f, n])'), '12345678901234567890');
  t.equal(source('{b: n, a: o}'), '{"a":{ "k" : 1.0 },"b":12345678901234567890}');
  t.equal(source('length(l)'), '2');
  t.equal(source('to_string(n)'), '"12345678901234567000"');
});

t.test('a result that is no JSON has no node', async (t) => {
  t.strictSame(at('{}', "to_number('inf')"), { ok: true, value: Infinity });
  t.strictSame(at('{}', '&a'), { ok: true, value: {} });
});

t.test('a key without the quotes that it needs is shown with them', async (t) => {
  const cause = (path: string) => {
    const result = at('{}', path);
    return result?.ok === false ? result.cause : undefined;
  };
  t.equal(cause('a-b'), `Did you mean '"a-b"'?`);
  t.equal(cause('a-b[0].c.d-1[*].e'), `Did you mean '"a-b"[0].c."d-1"[*].e'?`);
  t.equal(cause('db/password'), `Did you mean '"db/password"'?`);
  t.equal(cause('1a'), `Did you mean '"1a"'?`);
  t.equal(cause('a b'), `Did you mean '"a b"'?`);
  for (const path of ['.a', '$.a', 'a.']) t.equal(cause(path), `Did you mean 'a'?`, path);
  for (const path of ['a[', 'a-b[-]', 'a..b', 'nosuch(a)', '']) t.equal(cause(path), undefined, path);
});

t.test('what sort_by was given stays as it was, unlike in Go', async (t) => {
  t.match(at('[{"k":"b"},{"k":"a"}]', "[sort_by(@, &k), @][].k | join('', @)"), { value: 'abba' });
});

t.test('an expression that costs too much is refused, and says so', async (t) => {
  const steps = { ok: false, cause: 'It takes too many steps to evaluate.' };
  t.strictSame(at('"x"', `to_string(@${'|[@,@]'.repeat(100)})`), steps);
  t.strictSame(at('"x"', `@${'|[@,@]'.repeat(100)}`), steps);
  t.strictSame(at('"x"', `@${"|join('',[@,@])".repeat(90)}`), steps);
  t.strictSame(at('"x"', `@${'|[@,@]'.repeat(100)}|@==@`), steps);
  for (const part of ['(', '!', '[', 'a.', 'a[', '{a:', 'a(', '[]', '&', "'x'||"]) {
    t.strictSame(
      at('{}', part.repeat(20_000)),
      { ok: false, cause: 'It has more than 1000 names, symbols and literals.' },
      part,
    );
  }
});

t.test('the deepest expression and the deepest value that are taken do not overflow the stack', async (t) => {
  const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
  t.match(at(deep, `to_string(@)`), { ok: true, value: deep });
  t.match(at(deep, `[@] | to_string(@)`), { ok: true, value: `[${deep}]` });
  t.match(at('{}', `${'('.repeat(499)}a${')'.repeat(499)}`), { ok: true, value: null });
  t.match(at('{}', `a${'.a'.repeat(499)}`), { ok: true, value: null });
  t.match(at('{}', `${'!'.repeat(998)}a`), { ok: true, value: false });
});

const word = fc.constantFrom(
  ...'a b @ * [ ] [] [? { } ( ) . , : | || && & ! == < 0 -1 \'x\' `1` `{}` "a" length( sort_by( to_string('.split(' '),
);

t.test('whatever the expression, there is an answer', async () => {
  const json = parseJson(Buffer.from('{"a":[{"b":1},{"b":"x"}]}'));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const result = json && evaluate(json, words.join(' '));
      return result?.ok === false || (result?.ok === true && result.value !== undefined);
    }),
    { numRuns: 2000 },
  );
});

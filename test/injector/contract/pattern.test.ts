/** Tests that patterns mean what they mean to Go, and that none of them takes long. The results are those of Go's ReplaceAllString. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as v from 'valibot';
import { parse } from 'yaml';
import { type Pattern, readPattern } from '../../../injector/contract/pattern.ts';

function pattern(source: string): Pattern {
  const read = readPattern(source);
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

const Rows = v.array(v.tuple([v.string(), v.string(), v.string(), v.string()]));
const FILE = join(import.meta.dirname, '../../fixtures/patterns/replaced.yaml');

for (const [source, target, text, result] of v.parse(Rows, parse(readFileSync(FILE, 'utf8')))) {
  t.test(`${JSON.stringify(text)} with ${source} and ${target} becomes ${JSON.stringify(result)}`, async (t) => {
    t.equal(pattern(source).replaceAll(text, target), result);
  });
}

const REFUSED: Readonly<Record<string, string>> = {
  '(?=a)': 'is no pattern of RE2: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  '(?<=a)b': 'is no pattern of RE2: error parsing regexp: invalid named capture: `(?<=a)b`',
  '(a)\\1': 'is no pattern of RE2: error parsing regexp: invalid escape sequence: `\\1`',
  '\\Z': 'is no pattern of RE2: error parsing regexp: invalid escape sequence: `\\Z`',
  '\\u0041': 'is no pattern of RE2: error parsing regexp: invalid escape sequence: `\\u`',
  'a++': 'is no pattern of RE2: error parsing regexp: invalid nested repetition operator: `++`',
  '[a': 'is no pattern of RE2: error parsing regexp: missing closing ]: `[a`',
  'a{1001}': 'is no pattern of RE2: error parsing regexp: invalid repeat count: `{1001}`',
  '((a{100}){100}){100}': 'is too large: its repetitions make more than 2,000 steps of it',
  '(abcdefghij){1000}': 'is too large: its repetitions make more than 2,000 steps of it',
  '(abcdefghijabcdefghijabcdefghij){1000}': 'is too large: its repetitions make more than 2,000 steps of it',
};

for (const [source, problem] of Object.entries(REFUSED)) {
  t.test(`${source} ${problem}`, async (t) => t.strictSame(readPattern(source), { problem }));
}

t.test('a pattern of 10,000 characters is refused before it is read', async (t) => {
  t.strictSame(readPattern('('.repeat(10_000)), { problem: 'has more than 1000 characters' });
});

t.test('a pattern that takes other engines for ever ends here', async (t) => {
  t.equal(pattern('^(a+)+$').matches(`${'a'.repeat(2000)}!`), false);
});

t.test('a pattern matches anywhere in the name', async (t) => {
  t.ok(pattern('baz').matches('/app/bazaar'));
});

t.test('a name that grows without end is no result', async (t) => {
  t.equal(pattern('a').replaceAll('a'.repeat(1000), '$0'.repeat(100)), undefined);
});

import { readFileSync } from 'node:fs';
import t from 'tap';
import { readCases } from './case.ts';
import { pageOf } from './page.ts';

const cases = readCases();

t.test('injector/conformance.md is what `npm run docs` writes', async (t) => {
  t.equal(readFileSync(new URL('../../injector/conformance.md', import.meta.url), 'utf8'), pageOf(cases));
});

t.test('every case of ASCP that can concern us has a row', async (t) => {
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const lettered = ['76a', '76b', '99a', '99b', '99c', '99d', '99e'];
  const known = new Set(cases.map((one) => one.case));
  t.same(
    [...range(1, 147), ...range(166, 170), ...lettered].map(String).filter((number) => !known.has(number)),
    [],
  );
});

t.test('every row is in one section of the page', async (t) => {
  const rows = pageOf(cases).match(/^\| \d+[a-z]? \|/gm) ?? [];
  t.equal(rows.length, cases.length);
});

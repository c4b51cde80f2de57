import t from 'tap';
import { listKeys } from '../../../injector/render/missing.ts';

t.test('keys are listed in quotes, up to a number, and the others are counted', (t) => {
  t.equal(listKeys(['a', 'b"c'], 2), '"a", "b\\"c"');
  t.equal(listKeys(['a', 'b', 'c', 'd'], 2), '"a", "b" and 2 more');
  t.end();
});

t.test('a key of more than 40 characters is shortened', (t) => {
  t.equal(listKeys(['k'.repeat(40)], 1), `"${'k'.repeat(40)}"`);
  t.equal(listKeys(['k'.repeat(41)], 1), `"${'k'.repeat(40)}…"`);
  t.end();
});

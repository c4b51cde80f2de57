import t from 'tap';
import { recent } from '../../../webhook/declare/recent.ts';

/** Counts how often each text was made. */
function counting() {
  const counts = new Map<string, number>();
  const known = recent<object>();
  const make = (text: string) =>
    known(text, () => {
      counts.set(text, (counts.get(text) ?? 0) + 1);
      return { text };
    });
  return { make, counts };
}

t.test('makes something of a text once', async (t) => {
  const { make, counts } = counting();
  t.equal(make('a'), make('a'));
  t.equal(counts.get('a'), 1);
  t.not(make('b'), make('a'));
});

t.test('forgets what was not asked for the longest', async (t) => {
  const { make, counts } = counting();
  const texts = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
  for (const text of ['kept', ...texts]) {
    make(text);
    make('kept');
  }
  make(texts[0] ?? '');
  make(texts[99] ?? '');
  t.strictSame([counts.get('kept'), counts.get(texts[0] ?? ''), counts.get(texts[99] ?? '')], [1, 2, 1]);
});

t.test('forgets short texts too', async (t) => {
  const { make, counts } = counting();
  for (let index = 0; index < 10_000; index++) make(`${index}`);
  make('0');
  t.equal(counts.get('0'), 2);
});

t.test('keeps no long text', async (t) => {
  const { make, counts } = counting();
  const text = 'x'.repeat(10_000);
  make('short');
  make(text);
  make(text);
  make('short');
  t.strictSame([counts.get(text), counts.get('short')], [2, 1]);
});

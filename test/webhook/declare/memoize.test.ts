import t from 'tap';
import { memoize, memoizeByObject, memoizeLast } from '../../../webhook/declare/memoize.ts';

/** Counts how often each text was made. */
function counting(lengthOf: (made: object) => number | undefined = () => 0) {
  const counts = new Map<string, number>();
  const known = memoize(lengthOf);
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
  const texts = Array.from({ length: 2000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
  for (const text of ['kept', ...texts]) {
    make(text);
    make('kept');
  }
  make(texts[0] ?? '');
  make(texts[1999] ?? '');
  t.strictSame([counts.get('kept'), counts.get(texts[0] ?? ''), counts.get(texts[1999] ?? '')], [1, 2, 1]);
});

t.test('forgets short texts too', async (t) => {
  const { make, counts } = counting();
  for (let index = 0; index < 20_000; index++) make(`${index}`);
  make('0');
  t.equal(counts.get('0'), 2);
});

t.test('counts what was made of a text, not only the text', async (t) => {
  const { make, counts } = counting(() => 100_000);
  for (let index = 0; index < 20; index++) make(`${index}`);
  make('0');
  t.equal(counts.get('0'), 2);
});

const unkept: Record<string, number | undefined> = { 'of undefined length': undefined, 'that is long': 300_000 };
for (const [what, length] of Object.entries(unkept)) {
  t.test(`keeps nothing ${what}, and everything else beside it`, async (t) => {
    const { make, counts } = counting((made) => ('text' in made && made.text === 'other' ? length : 0));
    for (const text of ['short', 'other', 'other', 'short']) make(text);
    t.strictSame([counts.get('other'), counts.get('short')], [2, 1]);
  });
}

t.test('keeps no long text', async (t) => {
  const { make, counts } = counting();
  const text = 'x'.repeat(300_000);
  for (const each of ['short', text, text, 'short']) make(each);
  t.strictSame([counts.get(text), counts.get('short')], [2, 1]);
});

t.test('makes something of an object once, and of an equal object once more', async (t) => {
  const known = memoizeByObject(({ name }: { readonly name: string }) => ({ name }));
  const object = { name: 'a' };
  t.equal(known(object), known(object));
  t.not(known({ name: 'a' }), known(object));
  t.strictSame(known({ name: 'b' }), { name: 'b' });
});

t.test('keeps the result of an object and the last other value', async (t) => {
  const known = memoizeLast((one: { readonly name: string }, other: string) => ({ both: one.name + other }));
  const one = { name: 'a' };
  const first = known(one, 'b');
  t.equal(known(one, 'b'), first);
  t.equal(known({ name: 'x' }, 'b').both, 'xb');
  t.equal(known(one, 'c').both, 'ac');
  t.not(known(one, 'b'), first);
});

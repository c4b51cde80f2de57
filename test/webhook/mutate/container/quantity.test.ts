import t from 'tap';
import { amount, bytes } from '../../../../webhook/mutate/container/quantity.ts';

const BYTES: readonly (readonly [number, string])[] = [
  [1000, '1000'],
  [1024, '1Ki'],
  [1536, '1536'],
  [5 * 2 ** 20, '5Mi'],
  [2 ** 30, '1Gi'],
  [1.5 * 2 ** 30, '1536Mi'],
];

for (const [count, text] of BYTES) {
  t.test(`${count} bytes are ${text}, and that is as many`, (t) => {
    t.equal(bytes(count), text);
    t.equal(amount(text), count);
    t.end();
  });
}

t.test('a quantity is read with each suffix of Kubernetes, and another text is no number', (t) => {
  const texts = [
    '1',
    '1.5',
    '1e3',
    '100m',
    '1k',
    '1M',
    '1G',
    '1T',
    '1P',
    '1E',
    '1Ki',
    '1Mi',
    '1Gi',
    '1Ti',
    '1Pi',
    '1Ei',
  ];
  const expected = [
    ...[1, 1.5, 1000, 0.1, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18],
    ...[2 ** 10, 2 ** 20, 2 ** 30, 2 ** 40, 2 ** 50, 2 ** 60],
  ];
  t.strictSame(texts.map(amount), expected);
  t.strictSame(['', 'x', '1 Mi', '1mb', 'Mi'].map(amount), Array(5).fill(Number.NaN));
  t.end();
});

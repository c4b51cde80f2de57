import type { V1Pod } from '@kubernetes/client-node';
import t from 'tap';
import { isOver, linesOf, sharesOf, untilShare } from './marks.ts';

const LOG = `2026-01-02T03:04:05.006007008Z first
2026-01-02T03:04:05.5Z second
2026-01-02T03:04:06Z third
`;

t.test('the first and the last line of a log are read to parts of a millisecond', async (t) => {
  const lines = linesOf(LOG);
  const start = Date.parse('2026-01-02T03:04:05Z');
  t.match(((lines?.first ?? 0) - start).toFixed(2), /^6\.01$/);
  t.equal(lines?.last, start + 1000);
});

t.test('a log without lines has no times', async (t) => {
  t.equal(linesOf(''), undefined);
});

t.test('a log without timestamps is refused', async (t) => {
  t.throws(() => linesOf('started\n'), { message: /no timestamp in "started"/ });
});

t.test('a pod is over when all its containers succeeded', async (t) => {
  t.notOk(isOver(podWith({ phase: 'Pending' })));
  t.ok(isOver(podWith({ phase: 'Succeeded' })));
});

t.test('a pod that failed is no measurement', async (t) => {
  t.throws(() => isOver(podWith({ phase: 'Failed', reason: 'Evicted' })), { message: /Evicted/ });
});

t.test('rounds are spread evenly over a second, and neighbours are far apart', async (t) => {
  const shares = sharesOf(15);
  const places = shares.map((share) => Math.round(share * 15 - 0.5)).toSorted((a, b) => a - b);
  t.same(
    places,
    Array.from({ length: 15 }, (_, index) => index),
  );
  const steps = shares.slice(1).map((share, at) => Math.abs(share - (shares[at] ?? 0)));
  t.ok(Math.min(...steps) > 0.2, `${shares}`);
});

t.test('the next moment of a share of a second is less than a second away', async (t) => {
  t.equal(untilShare(0.5, 7_300), 200);
  t.equal(untilShare(0.25, 7_300), 950);
  t.equal(untilShare(0, 7_000), 0);
});

function podWith(status: NonNullable<V1Pod['status']>): V1Pod {
  return { metadata: { name: 'app' }, status };
}

import t from 'tap';
import { nextLook, restartDelay, retryDelay } from '../../../injector/rotation/schedule.ts';

t.test('the next look is up to a tenth of the interval earlier or later', async (t) => {
  t.strictSame(
    [0, 0.5, 1].map((random) => nextLook(3600, 0, random)),
    [3_240_000, 3_600_000, 3_960_000],
  );
});

t.test('after failures it comes earlier, and later with each, but never later than the interval', async (t) => {
  t.strictSame(
    [1, 2, 3, 4, 5, 100].map((failures) => nextLook(60, failures, 0.5)),
    [3_750, 7_500, 15_000, 30_000, 60_000, 60_000],
  );
});

t.test('a retry has jitter of a half', async (t) => {
  t.strictSame([retryDelay(1, 0), retryDelay(1, 1)], [2_500, 5_000]);
});

t.test('restarts are spread over the whole interval but its first seconds', async (t) => {
  t.strictSame(
    [0, 0.5, 1].map((random) => restartDelay(65, random)),
    [5_000, 35_000, 65_000],
  );
});

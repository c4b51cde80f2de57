import t from 'tap';

const HOUR = 3_600_000;

const { now } = Date;
let set = 0;
Date.now = () => now() + set;
t.teardown(() => {
  Date.now = now;
});
const { CLOCK } = await import('../../../injector/aws/clock.ts');

for (const [how, by] of [
  ['back', -HOUR],
  ['forward', HOUR],
] as const) {
  t.test(`a node's clock that is set ${how} moves no deadline`, async (t) => {
    set = 0;
    const deadline = CLOCK.now() + 10 * HOUR;
    set = by;
    t.equal(Math.round((deadline - CLOCK.now()) / HOUR), 10);
  });
}

t.test('a sleep ends early when its signal is aborted', async (t) => {
  const abort = new AbortController();
  const slept = CLOCK.sleep(HOUR, abort.signal);
  abort.abort();
  await t.resolves(slept);
});

t.test('a sleep of months is made of timers that are no longer than one can hold', async (t) => {
  const { setTimeout } = globalThis;
  const timers: number[] = [];
  const fireAtOnce = (next: () => void, milliseconds: number) => {
    timers.push(milliseconds);
    return setTimeout(next, 0);
  };
  t.intercept(globalThis, 'setTimeout', { value: fireAtOnce });
  const months = 60 * 24 * HOUR;
  await CLOCK.sleep(months);
  t.equal(
    timers.reduce((sum, each) => sum + each, 0),
    months,
  );
  t.ok(timers.every((each) => each < 2 ** 31));
});

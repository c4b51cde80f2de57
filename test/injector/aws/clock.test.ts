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

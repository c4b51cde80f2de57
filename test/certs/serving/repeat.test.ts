/** Tests when a thing is done again: after a change, when it is due, and when some time has passed. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { createTrigger, type RepeatOptions, repeat, type Trigger } from '../../../certs/serving/repeat.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const MINUTE = 60_000;

/** Returns how many milliseconds it waits after each of so many acts, and the errors that it logs. */
async function waits(count: number, act: RepeatOptions['act']): Promise<{ waited: number[]; errors: object[] }> {
  const stop = new AbortController();
  const waited: number[] = [];
  const errors: object[] = [];
  const trigger: Trigger = {
    ...createTrigger(),
    async fired(milliseconds) {
      if (waited.push(milliseconds) === count) stop.abort();
    },
  };
  const log = { info() {}, warn() {}, error: (fields: object) => errors.push(fields) };
  const backoff = (failures: number) => failures;
  await repeat(trigger, { log, signal: stop.signal, now: () => NOW, pollMilliseconds: 10 * MINUTE, backoff, act });
  return { waited, errors };
}

t.test('replicas that know the same moment wait up to twenty seconds longer, and not equally long', async (t) => {
  const { waited } = await waits(50, async () => new Date(NOW.getTime() + MINUTE));
  t.ok(waited.every((wait) => wait >= MINUTE && wait <= MINUTE + 20_000));
  t.ok(Math.max(...waited) - Math.min(...waited) > 1_000);
});

t.test('it looks again after the usual time where nothing is due before', async (t) => {
  const moments = [undefined, new Date(NOW.getTime() + 60 * MINUTE)];
  for (const moment of moments) t.same((await waits(1, async () => moment)).waited, [10 * MINUTE]);
});

t.test('pauses grow with failures in a row, each of which is logged, and start anew after a success', async (t) => {
  const results = [new Error('first'), new Error('second'), undefined, new Error('third')];
  const { waited, errors } = await waits(results.length, async () => {
    const result = results.shift();
    if (result) throw result;
    return undefined;
  });
  t.same(waited, [1, 2, 10 * MINUTE, 1]);
  t.same(errors, [
    { error: 'first', failures: 1 },
    { error: 'second', failures: 2 },
    { error: 'third', failures: 1 },
  ]);
});

t.test('one change causes one act, and so does the next', async (t) => {
  const stop = new AbortController();
  const trigger = createTrigger();
  let acts = 0;
  const act = async () => {
    acts += 1;
    if (acts > 10) stop.abort();
    return undefined;
  };
  const log = { info() {}, warn() {}, error() {} };
  const options = { log, signal: stop.signal, now: () => NOW, pollMilliseconds: 10 * MINUTE, backoff: () => 1, act };
  const running = repeat(trigger, options);
  const counts: number[] = [];
  for (const _change of [1, 2]) {
    await turn();
    trigger.fire();
    await turn();
    counts.push(acts);
  }
  stop.abort();
  await running;
  t.same(counts, [2, 3]);
});

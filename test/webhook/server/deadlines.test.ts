import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createDeadlines } from '../../../webhook/server/deadlines.ts';

/** Returns deadlines of so many milliseconds, and the names of those that were late, as they come. */
function recorded(ms: number) {
  const late: string[] = [];
  return { late, deadlines: createDeadlines<string>(ms, (one) => void late.push(one)) };
}

t.test('calls back for each that does not end, in the order in which they began, and once', async (t) => {
  const { late, deadlines } = recorded(5);
  for (const one of ['first', 'second', 'third']) deadlines.begin(one);
  deadlines.end('second');
  while (late.length < 2) await sleep(1);
  await sleep(20);
  t.same(late, ['first', 'third']);
});

t.test('gives one that begins again its whole time again', async (t) => {
  const { late, deadlines } = recorded(5);
  deadlines.begin('again');
  deadlines.begin('other');
  deadlines.begin('again');
  while (late.length < 2) await sleep(1);
  t.same(late, ['other', 'again']);
});

t.test('waits anew for what begins after all others have ended', async (t) => {
  const { late, deadlines } = recorded(5);
  deadlines.begin('early');
  while (late.length < 1) await sleep(1);
  deadlines.begin('later');
  while (late.length < 2) await sleep(1);
  t.same(late, ['early', 'later']);
});

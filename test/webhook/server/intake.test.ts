/** Tests the order of reviews, counted in turns of the event loop. */
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { createIntake, Overloaded } from '../../../webhook/server/intake.ts';

const LIMITS = {
  ...{ reviews: 64, waiting: 10, shareMs: 0, waitMs: 60_000 },
  ...{ small: 1000, smallAtOnce: 20_000, large: 5000, largeReviews: 2 },
};
/** A client that stays. */
const client = Object.assign(new EventEmitter(), { destroyed: false });

/** Lets reviews of so many bytes wait, and returns how many have started by each of the next turns. */
async function startsOf(sizes: readonly number[], limits = LIMITS) {
  const intake = createIntake(limits);
  const started: number[] = [];
  const leaving: (() => void)[] = [];
  const all = sizes.map(async (bytes) => {
    const leave = await intake.enter(bytes, client);
    started.push(bytes);
    leaving.push(leave);
  });
  return { intake, started, leaving, all };
}

t.test('begins with the smallest', async (t) => {
  const { started, all } = await startsOf([500, 900, 10, 700]);
  await Promise.all(all);
  t.same(started, [10, 500, 700, 900]);
});

t.test('starts one per turn of the event loop', async (t) => {
  const { started } = await startsOf([1, 2, 3]);
  await turn();
  t.ok(started.length <= 1);
});

t.test('starts no large one before those that run leave room for it, and small ones meanwhile', async (t) => {
  const { intake, started, leaving, all } = await startsOf([3000, 4000]);
  await Promise.race(all);
  const small = intake.enter(5, client);
  await small;
  t.same(started, [3000]);
  leaving[0]?.();
  await Promise.all(all);
  t.same(started, [3000, 4000]);
});

t.test('starts no more large ones than it may, however few bytes they have', async (t) => {
  const { started, leaving, all } = await startsOf([1001, 1002, 1003]);
  await Promise.all(all.slice(0, 2));
  for (let turns = 0; turns < 4; turns += 1) await turn();
  t.same(started, [1001, 1002]);
  leaving[0]?.();
  await Promise.all(all);
  t.same(started, [1001, 1002, 1003]);
});

t.test('starts no small one that would take more than an eighth of the bytes that are left', async (t) => {
  const { intake, started, leaving, all } = await startsOf([700, 800], { ...LIMITS, smallAtOnce: 7000 });
  await all[0];
  await intake.enter(10, client);
  t.same(started, [700]);
  leaving[0]?.();
  await all[1];
  t.same(started, [700, 800]);
});

t.test('starts a large one although no small one that waits has room', async (t) => {
  const { started, leaving, all } = await startsOf([700, 800, 2000], { ...LIMITS, smallAtOnce: 7000 });
  await all[0];
  for (let turns = 0; turns < 4; turns += 1) await turn();
  t.same(started, [700, 2000]);
  leaving[0]?.();
  await Promise.all(all);
});

t.test('a small one does not share the turn of another one if there is no room for its bytes', async (t) => {
  const { started, leaving, all } = await startsOf([600, 700, 800], {
    ...LIMITS,
    ...{ smallAtOnce: 6300, shareMs: 60_000 },
  });
  await Promise.all(all.slice(0, 2));
  leaving[0]?.();
  for (let turns = 0; turns < 4; turns += 1) await turn();
  t.same(started, [600, 700]);
});

t.test('starts one in each turn while others wait', async (t) => {
  const { started } = await startsOf([1, 2, 3]);
  for (let turns = 0; turns < 4; turns += 1) await turn();
  t.same(started, [1, 2, 3]);
});

t.test('lets no more run than it may, and the next as soon as one leaves', async (t) => {
  const { started, leaving, all } = await startsOf([1, 2], { ...LIMITS, reviews: 1 });
  await all[0];
  for (let turns = 0; turns < 4; turns += 1) await turn();
  t.same(started, [1]);
  leaving[0]?.();
  await all[1];
  t.same(started, [1, 2]);
});

/** Lets small reviews wait that leave as soon as they start, and returns how many have started in the turn of the first. */
async function startsInOneTurn(sizes: readonly number[], shareMs: number): Promise<number> {
  const intake = createIntake({ ...LIMITS, shareMs });
  let started = 0;
  const all = sizes.map(async (bytes) => {
    const leave = await intake.enter(bytes, client);
    started += 1;
    leave();
  });
  // The first turn is planned by now, and this one comes behind it.
  await turn();
  const inTurn = started;
  await Promise.all(all);
  return inTurn;
}

t.test('starts small ones in the same turn as soon as one leaves', async (t) => {
  t.equal(await startsInOneTurn([1, 2, 3], 60_000), 3);
});

t.test('starts the next one in another turn when the time of this turn is over', async (t) => {
  t.equal(await startsInOneTurn([1, 2, 3], 0), 1);
});

t.test('starts a large one in a turn of its own', async (t) => {
  t.equal(await startsInOneTurn([1, 2000, 2], 60_000), 2);
});

t.test('refuses a review that has waited for too long, and lets nobody start it', async (t) => {
  const intake = createIntake({ ...LIMITS, reviews: 1, waitMs: 200 });
  // The timers of the intake keep no process alive, and nothing else does here.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  await intake.enter(1, client);
  await t.rejects(intake.enter(2, client), Overloaded);
  t.equal(intake.waiting(), 0);
});

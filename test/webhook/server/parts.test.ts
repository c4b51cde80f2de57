/** A small review runs in one turn of the event loop, and a large one keeps the event loop free. */
import t from 'tap';
import type { Intake } from '../../../webhook/server/intake.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { facts, reviewOf } from '../support/admission.ts';
import { startApp } from '../support/tls-client.ts';

let intake: Intake | undefined;
/** Counts the turns of the event loop in which a review is under way. */
let turns = 0;
/** Has the count at the decision of each review. */
const seen: number[] = [];

const metrics = {
  ...createMetrics('test'),
  follow(followed: Intake): void {
    intake = followed;
  },
};
const roleOf: typeof facts.roleOf = async (...asked) => {
  seen.push(turns);
  return facts.roleOf(...asked);
};
const { post } = await startApp(t, { metrics, facts: { ...facts, roleOf } });

let isOver = false;
function countTurns(): void {
  if (intake && intake.inFlight() > 0) turns += 1;
  if (!isOver) setImmediate(countTurns);
}
countTurns();
t.teardown(() => {
  isOver = true;
});

/** Sends a review whose pod has so many characters more, and returns in how many turns it came to the decision. */
async function turnsOf(more: number): Promise<number> {
  turns = 0;
  const annotations = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };
  const containers = [{ name: 'app', args: ['x'.repeat(more)] }];
  await post(JSON.stringify(reviewOf({ metadata: { annotations }, spec: { serviceAccountName: 'app', containers } })));
  return seen.pop() ?? Number.NaN;
}

t.test('a small review is decided in the turn in which it begins', async (t) => {
  t.equal(await turnsOf(10_000), 0);
});

t.test('the event loop goes on while a large review is read', async (t) => {
  t.ok((await turnsOf(1_000_000)) > 20);
});

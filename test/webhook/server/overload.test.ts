/** More than the webhook can hold: it says so, forgets nobody, and lets nobody stand in the way of others. */
import { once } from 'node:events';
import t from 'tap';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { until } from '../../kubernetes/api-server.ts';
import { facts, type Json, reviewOf } from '../support/admission.ts';
import { partOf, rest, startApp, startWithSmallHeap } from '../support/tls-client.ts';

const FILES = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };

function review(uid = 'a', annotations: Json = {}, env: Json[] = []): string {
  const metadata = { name: 'app', annotations: { ...FILES, ...annotations } };
  return JSON.stringify(
    reviewOf({ metadata, spec: { serviceAccountName: 'app', containers: [{ name: 'app', env }] } }, { uid }),
  );
}

/** Facts that come when the test lets them. */
function pausedFacts() {
  const { promise: open, resolve: release } = Promise.withResolvers<void>();
  const paused = { asked: 0 };
  return {
    paused,
    release,
    facts: {
      ...facts,
      async roleOf(namespace: string, name: string) {
        paused.asked += 1;
        await open;
        return facts.roleOf(namespace, name);
      },
    },
  };
}

t.test('answers each of 1,000 reviews at the same time, or says when to come again', async (t) => {
  const { post } = await startApp(t, { limits: { waitMs: 60_000 } });
  const replies = await Promise.all(Array.from({ length: 1000 }, (_, index) => post(review(`uid-${index}`))));
  const answered = replies.filter(({ status }) => status === 200);
  const sentAway = replies.filter(({ status, headers }) => status === 503 && headers['retry-after'] === '1');
  t.equal(answered.length + sentAway.length, 1000);
  t.ok(answered.length >= 64 + 512, `${answered.length} answered`);
  t.ok(replies.every(({ status, text }, index) => status === 503 || JSON.parse(text).response.uid === `uid-${index}`));
});

t.test('lets as many run as it may, lets as many wait, and sends the next away', async (t) => {
  const { paused, release, facts } = pausedFacts();
  const metrics = createMetrics('test');
  const { post } = await startApp(t, {
    facts,
    metrics,
    maxConcurrentReviews: 2,
    limits: { waiting: 1, waitMs: 60_000 },
  });
  const early = [post(review('a')), post(review('b'))];
  await until(() => paused.asked === 2);
  const waiting = post(review('c'));
  await until(async () => /admission_waiting 1/.test(await metrics.registry.metrics()));
  const late = await post(review('d'));
  t.match(late, { status: 503, headers: { 'retry-after': '1', connection: 'close' }, text: /too many/ });
  t.match(await metrics.registry.metrics(), /admission_in_flight 2/);
  t.equal(paused.asked, 2, 'who waits is not begun');
  release();
  t.match(await Promise.all([...early, waiting]), [{ status: 200 }, { status: 200 }, { status: 200 }]);
  t.match(await metrics.registry.metrics(), /admission_rejected_total\{reason="overload"\} 1/);
  await until(async () => /admission_in_flight 0/.test(await metrics.registry.metrics()));
});

t.test('sends away who has waited for too long', async (t) => {
  const { paused, release, facts } = pausedFacts();
  const { post } = await startApp(t, { facts, maxConcurrentReviews: 1, limits: { waitMs: 50 } });
  const first = post(review('a'));
  await until(() => paused.asked === 1);
  t.match(await post(review('b')), { status: 503 });
  release();
  t.match(await first, { status: 200 });
});

t.test('runs no more large reviews at once than it may, and small ones beside them', async (t) => {
  const { paused, release, facts } = pausedFacts();
  const metrics = createMetrics('test');
  const { post } = await startApp(t, { facts, metrics, limits: { small: 1000, large: 2500, waitMs: 60_000 } });
  const large = review('large', { note: 'x'.repeat(900) });
  const replies = [post(large), post(large)];
  await until(() => paused.asked === 1);
  replies.push(post(review('small')));
  await until(() => paused.asked === 2);
  await until(async () => /admission_waiting 1/.test(await metrics.registry.metrics()));
  t.equal(paused.asked, 2);
  release();
  t.match(await Promise.all(replies), [{ status: 200 }, { status: 200 }, { status: 200 }]);
});

t.test('runs one that is larger than all large ones may be together, alone', async (t) => {
  const { post } = await startApp(t, { limits: { small: 10, large: 100 } });
  t.match(await post(review()), { status: 200 });
});

const MALFORMED = /reason="malformed"\} [1-9]/;

t.test('a client that goes away half-way has sent nothing wrong', async (t) => {
  const metrics = createMetrics('test');
  const { app, dial } = await startApp(t, { metrics });
  const socket = await dial();
  socket.write(partOf(1000, '{"half":'));
  await once(app.server, 'request');
  socket.destroy();
  await app.close();
  t.notMatch(await metrics.registry.metrics(), MALFORMED);
});

t.test('a client that goes away while it waits is forgotten, and has sent nothing wrong', async (t) => {
  const { paused, release, facts } = pausedFacts();
  const metrics = createMetrics('test');
  const { dial, post } = await startApp(t, { facts, metrics, maxConcurrentReviews: 1, limits: { waitMs: 60_000 } });
  const first = post(review('a'));
  await until(() => paused.asked === 1);
  const socket = await dial();
  const text = review('c');
  socket.write(partOf(Buffer.byteLength(text), text));
  await until(async () => /admission_waiting 1/.test(await metrics.registry.metrics()));
  socket.destroy();
  await until(async () => /admission_waiting 0/.test(await metrics.registry.metrics()));
  release();
  t.match(await first, { status: 200 });
  t.match(await post(review('b')), { status: 200 });
  t.notMatch(await metrics.registry.metrics(), MALFORMED);
});

for (const [what, text] of Object.entries({ body: partOf(1000, '{"half":'), head: 'POST /mutate HTTP/1.1\r\nHost:' })) {
  t.test(`ends a connection on which half a ${what} stays half`, async (t) => {
    const { dial } = await startApp(t, { limits: { requestMs: 50 } });
    const socket = await dial();
    socket.write(text);
    t.match(await rest(socket), /^(HTTP\/1.1 408|$)/);
  });
}

t.test('takes no more connections than it may hold', async (t) => {
  const { dial } = await startApp(t, { limits: { connections: 1 } });
  const first = rest(await dial());
  await dial();
  t.equal(await first, '');
});

t.test('large pods at the same time fit a small heap, and small ones are all answered meanwhile', async (t) => {
  const { child, post } = await startWithSmallHeap(t);
  const large = review(
    'large',
    {},
    Array.from({ length: 90_000 }, (_, index) => ({ name: `A${index}`.padEnd(25, '_') })),
  );
  t.ok(large.length > 3 * 2 ** 20);
  const statusesOf = async (body: string, times: number) =>
    new Set((await Promise.all(Array.from({ length: times }, () => post(body)))).map(({ status }) => status));
  // A client that writes megabytes meanwhile may be too slow for the handshakes.
  t.same(await statusesOf(review(), 70), new Set([200]), 'all connections are open');
  const [ofLarge, ofSmall] = await Promise.all([statusesOf(large, 20), statusesOf(review(), 50)]);
  t.same(ofSmall, new Set([200]));
  t.same(
    [...ofLarge].filter((status) => status !== 200 && status !== 503),
    [],
  );
  t.ok(ofLarge.has(200));
  t.equal(child.exitCode ?? child.signalCode, null, 'the webhook still runs');
});

/** Memory of both ports: bytes of bodies and answers are bounded, and the client that is waited for longest goes first. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { watchClients } from '../../../webhook/server/clients.ts';
import { guard } from '../../../webhook/server/gate.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { HEALTH_LIMITS, type PortLimits } from '../../../webhook/server/overload.ts';
import { until } from '../../kubernetes/api-server.ts';
import { reviewOf } from '../support/admission.ts';
import { partOf, rest, startApp, startWithSmallHeap } from '../support/tls-client.ts';

function review(): string {
  const annotations = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };
  return JSON.stringify(
    reviewOf({
      metadata: { name: 'app', annotations },
      spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
    }),
  );
}

const whole = (text: string) => partOf(Buffer.byteLength(text), text);

for (const [kind, limits] of Object.entries({
  small: { smallBodies: 80_000 },
  large: { small: 0, largeBodies: 80_000 },
})) {
  t.test(`bodies that stop half-way, ${kind} ones, make room for others: the first of them goes first`, async (t) => {
    const metrics = createMetrics('test');
    const { dial, post } = await startApp(t, { metrics, limits });
    const ends: Promise<string>[] = [];
    for (let each = 0; each < 6; each++) {
      const socket = await dial();
      ends.push(rest(socket));
      socket.write(partOf(30_000, 'x'.repeat(20_000)));
    }
    t.match(await Promise.all(ends.slice(0, 3)), Array(3).fill(/^HTTP\/1.1 503 [\s\S]*retry-after: 1/));
    t.match(await post(review()), { status: 200 });
    t.match(await metrics.registry.metrics(), /admission_rejected_total\{reason="slow"\} [3-5]/);
  });
}

t.test('large bodies that stop half-way take nothing from small reviews', async (t) => {
  const { dial, post } = await startApp(t, { limits: { small: 20_000, largeBodies: 100_000 } });
  const ends: Promise<string>[] = [];
  for (let each = 0; each < 4; each++) {
    const socket = await dial();
    ends.push(rest(socket));
    socket.write(partOf(90_000, 'x'.repeat(80_000)));
  }
  t.match(await post(review()), { status: 200 });
  t.match(await Promise.race(ends), /^HTTP\/1.1 503 /);
});

t.test('leaves slow clients their time while there is room', async (t) => {
  const { app, dial, post } = await startApp(t);
  const socket = await dial();
  const text = whole(review()).replace('\r\n', '\r\nConnection: close\r\n');
  const asked = once(app.server, 'request');
  socket.write(text.slice(0, -50));
  await asked;
  for (let each = 0; each < 3; each++) await post(review());
  const answer = rest(socket);
  socket.write(text.slice(-50));
  t.match(await answer, /^HTTP\/1.1 200/);
});

/** More than the kernel takes of an answer that nobody reads. */
const ANSWER = Buffer.alloc(20_000_000, 'x');

/** A server that gives everybody this answer; `dial` asks for it, and does not read it. */
async function startAnswering(t: Test, limits: Partial<PortLimits>) {
  const server = createServer();
  const tally = { closed: 0 };
  const clients = watchClients(server, { ...HEALTH_LIMITS, ...limits }, () => {
    tally.closed += 1;
  });
  guard(server, clients, { routes: { '/': ['GET'] }, body: 0 }, (request, response) => {
    clients.answering(request, ANSWER.length);
    response.end(ANSWER);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const dial = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    t.teardown(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket.pause();
  };
  return { tally, dial, port };
}

t.test('answers that nobody reads make room for others: the first of them goes first', async (t) => {
  const { tally, dial, port } = await startAnswering(t, { answers: 3 * ANSWER.length });
  for (let each = 0; each < 3; each++) dial();
  const read = await (await fetch(`http://127.0.0.1:${port}/`)).bytes();
  t.equal(read.length, ANSWER.length);
  t.equal(tally.closed, 1);
});

t.test('closes a client that takes too long to read its answer', async (t) => {
  const { tally, dial } = await startAnswering(t, { answers: 3 * ANSWER.length, answerMs: 20 });
  dial();
  await until(() => tally.closed === 1);
  t.equal(tally.closed, 1);
});

t.test('closes no client that has read its answer', async (t) => {
  const { tally, port } = await startAnswering(t, { answers: ANSWER.length });
  for (let each = 0; each < 4; each++) await (await fetch(`http://127.0.0.1:${port}/`)).bytes();
  t.equal(tally.closed, 0);
});

t.test('many unfinished bodies of 8 MB, to any path and method, leave memory near idle', async (t) => {
  const { child, dial, post } = await startWithSmallHeap(t);
  t.match(await post(review()), { status: 200 });
  const idle = highest(child.pid);
  const body = Buffer.alloc(7_900_000, 'x');
  for (const start of ['POST /other', 'PUT /mutate', 'POST /mutate']) {
    const ends = Array.from({ length: 60 }, async () => {
      const socket = await dial();
      socket.on('error', () => {}).write(partOf(8_000_000).replace('POST /mutate', start));
      // Whoever is refused reads the answer and closes; whoever is not stops half-way.
      await Promise.race([new Promise((resolve) => socket.write(body, resolve)), rest(socket)]);
    });
    await Promise.all(ends);
    t.match(await post(review()), { status: 200 }, start);
  }
  const grown = highest(child.pid) - idle;
  t.ok(grown < 150, `${grown} MiB more than idle`);
});

/** Returns the highest memory that a process has had, in MiB. */
function highest(pid = 0): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

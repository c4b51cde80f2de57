/** Floods of connections against both ports: whoever has a request is served. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Facts } from '../../../webhook/admission/facts.ts';
import { buildHealthApp } from '../../../webhook/server/health.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { createReadiness } from '../../../webhook/server/readiness.ts';
import { until } from '../../kubernetes/api-server.ts';
import { facts, reviewOf } from '../support/admission.ts';
import { partOf, rest, startApp } from '../support/tls-client.ts';

const LIMIT = 5;
const FLOOD = 4 * LIMIT;

/** A client that sends nothing for so long after its handshake may be closed for another one of its address. */
const SILENCE_MS = 300;

const body = JSON.stringify(
  reviewOf({
    metadata: { name: 'app', annotations: { 'aws-secrets-injector.dev/files': 'password: app/db#password' } },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
  }),
);

async function open(t: Test, port: number, count: number, start = ''): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  if (start) for (const socket of sockets) socket.write(start);
  return sockets;
}

async function cuts(metrics: ReturnType<typeof createMetrics>, server: string): Promise<number> {
  const text = await metrics.registry.metrics();
  return Number(new RegExp(`connections_cut_total\\{server="${server}"\\} (\\d+)`).exec(text)?.[1]);
}

t.test('answers a review while others hold connections without a word', async (t) => {
  const metrics = createMetrics('test');
  const { port, post } = await startApp(t, { metrics, limits: { connections: LIMIT } });
  await open(t, port, FLOOD);
  t.equal((await post(body)).status, 200);
  t.ok((await cuts(metrics, 'admission')) >= FLOOD - LIMIT);
});

t.test('closes the connection of an address that was silent for longest, where the address has too many', async (t) => {
  const { dial } = await startApp(t, { limits: { connectionsPerAddress: LIMIT } });
  const other = await dial('127.0.0.2');
  const flood = await Promise.all(Array.from({ length: LIMIT }, () => dial()));
  const [first] = flood;
  await sleep(SILENCE_MS);
  await dial();
  await until(() => first?.closed === true);
  t.strictSame(
    [other, ...flood.slice(1)].filter(({ closed }) => closed),
    [],
  );
});

t.test('closes no connection whose handshake has just ended, though its address has too many', async (t) => {
  const { dial } = await startApp(t, { limits: { connectionsPerAddress: LIMIT } });
  const flood = await Promise.all(Array.from({ length: FLOOD }, () => dial()));
  t.strictSame(
    flood.filter(({ closed }) => closed),
    [],
  );
});

t.test('keeps a connection that has just had an answer longer than those without a word', async (t) => {
  const { port, post } = await startApp(t, { limits: { connections: LIMIT } });
  await post(body);
  const flood = await open(t, port, FLOOD);
  await until(() => flood.filter(({ destroyed }) => destroyed).length > FLOOD - LIMIT);
  t.equal(flood.filter(({ destroyed }) => !destroyed).length, LIMIT - 1);
});

t.test('answers a review while others hold connections with half a body', async (t) => {
  const { dial, post } = await startApp(t, { limits: { connections: LIMIT } });
  for (let each = 0; each < LIMIT; each++) (await dial()).on('error', () => {}).write(partOf(1000, '{'));
  t.equal((await post(body)).status, 200);
});

t.test('cuts no connection whose review is being answered', async (t) => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: role, resolve: tell } = Promise.withResolvers<Awaited<ReturnType<Facts['roleOf']>>>();
  const slow: Facts = {
    ...facts,
    roleOf() {
      ask();
      return role;
    },
  };
  const { port, post } = await startApp(t, { facts: slow, limits: { connections: LIMIT } });
  const answer = post(body);
  await asked;
  const flood = await open(t, port, FLOOD);
  await until(() => flood.filter(({ destroyed }) => destroyed).length >= FLOOD - LIMIT);
  tell({ roleArn: 'arn:aws:iam::111122223333:role/app' });
  t.equal((await answer).status, 200);
});

async function startHealth(t: Test) {
  const metrics = createMetrics('test');
  const app = buildHealthApp(createReadiness(), metrics);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  return { metrics, port: (app.server.address() as AddressInfo).port };
}

t.test('answers probes while others hold more connections than it takes', async (t) => {
  const { metrics, port } = await startHealth(t);
  await open(t, port, 1000, 'GET /healthz HTTP/1.1\r\nx: ');
  t.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  t.ok((await cuts(metrics, 'health')) > 0);
});

t.test('answers a client that breaks its connection off and comes again from the same port at once', async (t) => {
  const { port } = await startHealth(t);
  const [first] = await open(t, port, 1);
  const { localPort } = first as Socket;
  first?.resetAndDestroy();
  // The port is free then, and Node has not told the server yet.
  await new Promise<void>(process.nextTick);
  const second = connect({ port, host: '127.0.0.1', localPort: localPort ?? 0 }).on('error', () => {});
  second.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  t.match(await rest(second), /^HTTP\/1.1 200 /);
});

t.test('waits for no request on the port of probes for ever', async (t) => {
  const { port } = await startHealth(t);
  const [socket] = await open(t, port, 1, 'GET /healthz HTTP/1.1\r\nx: ');
  const [answer] = await once(socket as Socket, 'data');
  t.match(String(answer), /^HTTP\/1.1 408 /);
});

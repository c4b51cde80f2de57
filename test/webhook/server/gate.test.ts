/** Tests what both ports answer before they have read a body, over real connections. */
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { buildHealthApp } from '../../../webhook/server/health.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { createReadiness } from '../../../webhook/server/readiness.ts';
import { reviewOf } from '../support/admission.ts';
import { rest, startApp } from '../support/tls-client.ts';

const review = JSON.stringify(reviewOf({ metadata: { name: 'app' }, spec: { containers: [{ name: 'app' }] } }));

function head(start: string, headers: Record<string, string | number> = {}): string {
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers };
  return `${start} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

const UNFINISHED = { 'content-length': 8_000_000 };

/** Heads of requests to the admission port, none of which is followed by its body. */
const admission: Record<string, [head: string, status: number]> = {
  'an unknown path': [head('POST /other', UNFINISHED), 404],
  'the root': [head('GET /'), 404],
  'a path that objects inherit': [head('POST /constructor', UNFINISHED), 404],
  'a longer path': [head('POST /mutate/', UNFINISHED), 404],
  'another method': [head('PUT /mutate', UNFINISHED), 405],
  'a method without a body': [head('GET /mutate'), 405],
  'an upgrade': [head('GET /mutate', { connection: 'upgrade', upgrade: 'websocket' }), 405],
  'a body above 8 MiB': [head('POST /mutate', { 'content-length': 8 * 2 ** 20 + 1 }), 413],
  'another type': [head('POST /mutate', { ...UNFINISHED, 'content-type': 'text/plain' }), 415],
  'no type': [head('POST /mutate', { ...UNFINISHED, 'content-type': '' }), 415],
  'an encoded body': [head('POST /mutate', { ...UNFINISHED, 'content-encoding': 'gzip' }), 415],
  'an unknown expectation': [head('POST /mutate', { ...UNFINISHED, expect: 'wonders' }), 417],
  'a head above 8 KiB': [head('POST /mutate', { ...UNFINISHED, note: 'x'.repeat(9000) }), 431],
};

for (const [what, [text, status]] of Object.entries(admission)) {
  t.test(`the admission port answers ${what} with ${status} and closes, without its body`, async (t) => {
    const { dial } = await startApp(t);
    const socket = await dial();
    socket.write(text);
    t.match(await rest(socket), new RegExp(`^HTTP/1.1 ${status} `));
  });
}

t.test('says in a refusal what would be right', async (t) => {
  const { dial } = await startApp(t);
  const socket = await dial();
  socket.write(head('PUT /mutate'));
  t.match(await rest(socket), /allow: POST\r\n[\s\S]*\{"error":"this path takes POST only"\}$/);
});

t.test('closes a connection that asks for a tunnel', async (t) => {
  const { dial } = await startApp(t);
  const socket = await dial();
  socket.write(head('CONNECT localhost:443'));
  t.equal(await rest(socket), '');
});

t.test('reads a body that is announced by Expect, and one in chunks', async (t) => {
  const { dial } = await startApp(t);
  const chunks = `${review.length.toString(16)}\r\n${review}\r\n0\r\n\r\n`;
  const expecting = { 'content-length': review.length, expect: '100-continue', connection: 'close' };
  for (const text of [
    head('POST /mutate', expecting) + review,
    head('POST /mutate', { 'transfer-encoding': 'chunked', connection: 'close' }) + chunks,
  ]) {
    const socket = await dial();
    socket.write(text);
    t.match(await rest(socket), /HTTP\/1.1 200 /);
  }
});

t.test('refuses a body in chunks once it is above the limit', async (t) => {
  const { dial } = await startApp(t, { limits: { body: 1000 } });
  const socket = await dial();
  socket.write(`${head('POST /mutate', { 'transfer-encoding': 'chunked' })}800\r\n${'x'.repeat(2048)}\r\n`);
  t.match(await rest(socket), /^HTTP\/1.1 413 /);
});

t.test('answers none of the requests that come before the last one is answered', async (t) => {
  const { app, dial } = await startApp(t);
  let requests = 0;
  app.server.on('request', () => {
    requests += 1;
  });
  const socket = await dial();
  socket.write((head('POST /mutate', { 'content-length': review.length }) + review).repeat(100));
  t.equal(await rest(socket), '');
  t.equal(requests, 2, 'what follows the second one is not read');
});

async function startHealth(t: Test) {
  const app = buildHealthApp(createReadiness(), createMetrics('test'));
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const ask = async (text: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    return rest(socket);
  };
  return { port, ask };
}

const health: Record<string, [head: string, status: number]> = {
  'a post': [head('POST /healthz', UNFINISHED), 405],
  'an unknown path': [head('GET /other'), 404],
  'a review': [head('POST /mutate', UNFINISHED), 404],
  'a body': [head('GET /healthz', { 'content-length': 1 }), 413],
  'a body in chunks': [head('GET /metrics', { 'transfer-encoding': 'chunked' }), 413],
};

for (const [what, [text, status]] of Object.entries(health)) {
  t.test(`the health port answers ${what} with ${status} and closes, without its body`, async (t) => {
    const { ask } = await startHealth(t);
    t.match(await ask(text), new RegExp(`^HTTP/1.1 ${status} `));
  });
}

t.test('the health port answers GET and HEAD', async (t) => {
  const { port } = await startHealth(t);
  for (const method of ['GET', 'HEAD', 'HEAD', 'GET']) {
    t.equal((await fetch(`http://127.0.0.1:${port}/healthz`, { method })).status, 200);
  }
});

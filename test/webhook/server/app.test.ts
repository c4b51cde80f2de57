/** Tests the server as the API server meets it, over real TLS and HTTP. */
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import t from 'tap';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { useCertificate } from '../../../webhook/server/tls.ts';
import { until } from '../../kubernetes/api-server.ts';
import { facts, type Json, reviewOf } from '../support/admission.ts';
import { issue, startApp } from '../support/tls-client.ts';

const FILES = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };

function pod(name: string, annotations: Record<string, string> = FILES, spec: Json = {}): Json {
  return {
    metadata: { generateName: name, annotations },
    spec: { serviceAccountName: 'app', containers: [{ name }], ...spec },
  };
}

const metrics = createMetrics('test');
let draining = false;
const { app, pair, port, post } = await startApp(t, { metrics, draining: () => draining });

t.test('answers a review with its uid and a patch', async (t) => {
  const { status, text } = await post(JSON.stringify(reviewOf(pod('app'))));
  t.equal(status, 200);
  t.match(JSON.parse(text).response, { uid: /^705ab4f5/, allowed: true, patchType: 'JSONPatch' });
});

t.test('reads a review behind a byte order mark', async (t) => {
  const { status, text } = await post(`\uFEFF${JSON.stringify(reviewOf(pod('app')))}`);
  t.equal(status, 200);
  t.match(JSON.parse(text).response, { patchType: 'JSONPatch' });
});

t.test('answers what is not JSON as it answers an empty body', async (t) => {
  const [wrong, none] = await Promise.all([post('{'), post('')]);
  t.match(JSON.parse(wrong.text), { error: /^Body is not valid JSON/ });
  t.match(JSON.parse(none.text), { error: /^Body cannot be empty/ });
});

t.test('counts the bytes of an answer, which is text of Unicode where the pod has some', async (t) => {
  const refused = await post(JSON.stringify(reviewOf(pod('app', { ...FILES, 'aws-secrets-injector.dev/filé': 'x' }))));
  t.match(JSON.parse(refused.text).response.status.message, /filé/);
  t.equal(refused.headers['content-length'], String(Buffer.byteLength(refused.text)));
  t.equal(refused.headers['content-type'], 'application/json; charset=utf-8');
});

const malformed: Record<string, [body: string, status: number, type?: string]> = {
  'what is not JSON': ['{', 400],
  'an empty body': ['', 400],
  'a review without uid': [JSON.stringify(reviewOf(pod('app'), { uid: undefined })), 400],
  'a pod that is a text': [JSON.stringify(reviewOf('pod')), 400],
  'another content type': ['<review/>', 415, 'application/xml'],
  'more than 8 MiB': [`"${'x'.repeat(8 * 2 ** 20)}"`, 413],
};

for (const [name, [body, status, type]] of Object.entries(malformed)) {
  t.test(`answers ${name} with ${status} and a sentence`, async (t) => {
    const reply = await post(body, type === undefined ? {} : { type });
    t.equal(reply.status, status);
    t.ok(JSON.parse(reply.text).error.length > 10);
  });
}

const PROTOTYPES = { ['__proto__']: '"x"', constructor: '{"prototype":{}}', '\\u005f_proto__': '"x"' };
for (const [key, value] of Object.entries(PROTOTYPES)) {
  t.test(`leaves a pod with a key ${key} to the API server, which refuses it`, async (t) => {
    const body = JSON.stringify(reviewOf(pod('app'))).replace('"annotations":{', `"annotations":{"${key}":${value},`);
    const { status, text } = await post(body);
    t.equal(status, 200);
    t.match(JSON.parse(text).response, { allowed: true });
  });
}

t.test('reads a review of nearly 8 MiB', async (t) => {
  const containers = [{ name: 'app', args: ['x'.repeat(7.9 * 2 ** 20)] }];
  const large = pod('app', FILES, { containers });
  const { status, text } = await post(JSON.stringify(reviewOf(large)));
  t.equal(status, 200);
  t.ok(JSON.parse(text).response.patch);
});

t.test('mixes nothing up between pods at the same time', async (t) => {
  const shapes = [
    (name: string) => pod(name),
    (name: string) => pod(name, {}),
    (name: string) => pod(name, FILES, { initContainers: [{ name: 'one' }], volumes: [{ name: 'v', emptyDir: {} }] }),
    (name: string) => pod(name, FILES, { serviceAccountName: 'plain' }),
  ];
  const bodies = Array.from({ length: 80 }, (_, index) =>
    JSON.stringify(reviewOf(shapes[index % shapes.length]?.(`app${index}`), { uid: `uid-${index}` })),
  );
  const alone: string[] = [];
  for (const body of bodies) alone.push((await post(body)).text);
  const together = await Promise.all(bodies.map((body) => post(body)));
  t.same(
    together.map(({ text }) => text),
    alone,
  );
  t.equal(new Set(alone).size, bodies.length);
});

t.test('keeps connections open for longer than the API server does', async (t) => {
  const agent = new Agent({ keepAlive: true });
  const { headers } = await post(JSON.stringify(reviewOf(pod('app'))), { agent });
  agent.destroy();
  t.match(headers, { connection: 'keep-alive', 'keep-alive': 'timeout=120' });
});

t.test('still answers while it drains, and closes the connection', async (t) => {
  draining = true;
  const agent = new Agent({ keepAlive: true });
  const { status, headers } = await post(JSON.stringify(reviewOf(pod('app'))), { agent });
  draining = false;
  agent.destroy();
  t.equal(status, 200);
  t.match(headers, { connection: 'close' });
});

t.test('closes the connection after an error while it drains', async (t) => {
  draining = true;
  const agent = new Agent({ keepAlive: true });
  const { status, headers } = await post('{', { agent });
  draining = false;
  agent.destroy();
  t.equal(status, 400);
  t.match(headers, { connection: 'close' });
});

t.test('answers a defect of its own with 500, and tells nobody what it was', async (t) => {
  const failing = {
    ...createMetrics('test'),
    answered() {
      throw new Error('secret');
    },
  };
  const { post } = await startApp(t, { metrics: failing });
  const { status, text, headers } = await post(JSON.stringify(reviewOf(pod('app'))));
  t.equal(status, 500);
  t.equal(text, '{"error":"the webhook failed"}');
  t.equal(headers['content-type'], 'application/json; charset=utf-8');
});

t.test('does not speak TLS 1.1', async (t) => {
  const options = { host: '127.0.0.1', port, rejectUnauthorized: false, ciphers: 'ALL:@SECLEVEL=0' };
  const problem = await new Promise<Error | undefined>((resolve) => {
    const socket = connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', resolve);
  });
  t.match(problem, { code: /PROTOCOL|VERSION/ });
});

t.test('speaks TLS 1.2 with forward secrecy and authenticated encryption only', async (t) => {
  const speaks = (ciphers: string) =>
    new Promise<string | undefined>((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
      } as const;
      const socket = connect({ ...options, ciphers }, () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.on('error', () => resolve(undefined));
    });
  t.equal(await speaks('ECDHE-ECDSA-AES128-GCM-SHA256'), 'ECDHE-ECDSA-AES128-GCM-SHA256');
  t.equal(await speaks('ECDHE-ECDSA-CHACHA20-POLY1305'), 'ECDHE-ECDSA-CHACHA20-POLY1305');
  t.equal(await speaks('ECDHE-ECDSA-AES128-SHA256'), undefined);
  t.equal(await speaks('ECDHE-ECDSA-AES256-SHA'), undefined);
});

t.test('with a client CA, answers its clients only, also after a new certificate', async (t) => {
  const [apiServer, stranger] = [await issue(), await issue()];
  const { app, pair, post } = await startApp(t, { clientCa: apiServer.cert });
  const body = JSON.stringify(reviewOf(pod('app')));
  for (const round of ['at first', 'after a new certificate']) {
    t.match(await post(body, apiServer), { status: 200 }, round);
    await t.rejects(post(body, stranger), round);
    await t.rejects(post(body), round);
    useCertificate(app, pair);
  }
});

t.test('answers the reviews that are under way when it closes', async (t) => {
  const { promise: open, resolve: release } = Promise.withResolvers<void>();
  let asked = 0;
  const roleOf = async (...subject: [string, string]) => {
    asked += 1;
    await open;
    return facts.roleOf(...subject);
  };
  const { app, post } = await startApp(t, { facts: { ...facts, roleOf } });
  const answers = ['a', 'b', 'c'].map((uid) => post(JSON.stringify(reviewOf(pod('app'), { uid }))));
  await until(() => asked === 3);
  const closed = app.close();
  release();
  t.match(await Promise.all(answers), [{ status: 200 }, { status: 200 }, { status: 200 }]);
  await closed;
  await t.rejects(post('{}'));
});

t.test('serves a new certificate to new connections, and keeps the old ones open', async (t) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await post(JSON.stringify(reviewOf(pod('app'))), { agent });
  useCertificate(app, await issue());
  t.equal((await post(JSON.stringify(reviewOf(pod('app'))), { agent })).status, 200);
  agent.destroy();
  const fresh = { agent: false } as const;
  await t.rejects(post(JSON.stringify(reviewOf(pod('app'))), fresh), 'the old CA does not fit any more');
  useCertificate(app, pair);
  t.equal((await post(JSON.stringify(reviewOf(pod('app'))), fresh)).status, 200);
});

t.test('counts what it decided and why', async (t) => {
  const text = await metrics.registry.metrics();
  t.match(text, /admission_requests_total\{outcome="injected",reason="declared"\} [1-9]/);
  t.match(text, /admission_requests_total\{outcome="skipped",reason="nothing-declared"\} [1-9]/);
  t.match(text, /admission_requests_total\{outcome="denied",reason="ASI_ADMIT_NO_ROLE"\} [1-9]/);
  t.match(text, /admission_requests_total\{outcome="failed",reason="malformed"\} [1-9]/);
  t.match(text, /admission_duration_seconds_count/);
});

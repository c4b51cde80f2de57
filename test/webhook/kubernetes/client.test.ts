/** Requests to the API server over real TLS and HTTP: whom they trust, as whom they come, and that they end. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import t, { type Test } from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { apiPath, createClient } from '../../../webhook/kubernetes/client.ts';
import { describeError, found } from '../../../webhook/kubernetes/errors.ts';
import { watch } from '../../../webhook/kubernetes/watch.ts';

/** Serves HTTPS. The client trusts the server's CA if `trusted` is true. */
async function serve(t: Test, answer: RequestListener, { trusted = true } = {}) {
  const [ours, others] = [await issueAuthority(new Date(), POLICY), await issueAuthority(new Date(), POLICY)];
  const server = createServer(await issueLeaf(new Date(), ours, ['localhost'], POLICY), answer).listen(0, 'localhost');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const tokenFile = join(t.testdir({ token: 'of-the-pod' }), 'token');
  const { port } = server.address() as AddressInfo;
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from((trusted ? ours : others).cert).toString('base64');
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: `https://localhost:${port}/base`, caData, skipTLSVerify: false },
    { name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } },
  );
  return { kubeConfig, api: createClient(kubeConfig, 500) };
}

t.test('comes with the token of the pod, below the path of the cluster', async (t) => {
  const { api } = await serve(t, ({ url, headers }, response) =>
    response.end(JSON.stringify({ url, authorization: headers.authorization })),
  );
  t.same(await api.get('/api/v1/nodes', { query: { limit: 5 } }), {
    url: '/base/api/v1/nodes?limit=5',
    authorization: 'Bearer of-the-pod',
  });
});

t.test("tells nothing to a server that is not of the cluster's CA", async (t) => {
  const asked: string[] = [];
  const { api } = await serve(t, ({ url = '' }) => asked.push(url), { trusted: false });
  await t.rejects(api.get('/version'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  t.same(asked, []);
});

const stalls: [where: string, answer: RequestListener][] = [
  ['before its answer', () => {}],
  ['within its answer', (_request, response) => response.write('{')],
  ['within a refusal', (_request, response) => response.writeHead(500).write('{')],
];
for (const [where, answer] of stalls) {
  t.test(`ends a request to a server that falls silent ${where}`, async (t) => {
    const { api } = await serve(t, answer);
    await t.rejects(api.get('/version'), { name: 'TimeoutError' });
  });
}

t.test('fails where the connection breaks within the answer', async (t) => {
  const { api } = await serve(t, (_request, response) => {
    response.write('{');
    setTimeout(() => response.destroy(), 20);
  });
  await t.rejects(api.get('/version'), { code: 'ECONNRESET' });
});

t.test('leaves an answer that has no end', async (t) => {
  const { kubeConfig } = await serve(t, (_request, response) => {
    const chunk = Buffer.alloc(2 ** 20, ' ');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  await t.rejects(createClient(kubeConfig, 60_000).get('/version'), /more than any list/);
});

t.test('says what the API server says of a refusal', async (t) => {
  const { api } = await serve(t, (_request, response) =>
    response.writeHead(403).end(JSON.stringify({ kind: 'Status', message: 'nodes is forbidden' })),
  );
  const error = await api.get('/api/v1/nodes').catch((error: unknown) => error);
  t.equal(describeError(error), 'the API server answered 403: nodes is forbidden');
});

t.test('takes 404 for nothing there', async (t) => {
  const { api } = await serve(t, (_request, response) => response.writeHead(404).end('404 page not found'));
  t.equal(await found(api.get('/apis/x/v1/ys')), undefined);
});

t.test('sends a patch as a JSON patch', async (t) => {
  const sent: unknown[] = [];
  const { api } = await serve(t, async (request, response) => {
    const body = (await request.toArray()).join('');
    sent.push([request.method, request.headers['content-type'], body]);
    response.end('{}');
  });
  await api.patch('/x', [{ op: 'remove', path: '/a' }]);
  t.same(sent, [['PATCH', 'application/json-patch+json', '[{"op":"remove","path":"/a"}]']]);
});

for (const name of ['', '.', '..']) {
  t.test(`makes no path of the name "${name}", which leads elsewhere`, async (t) => {
    t.throws(() => apiPath`/api/v1/namespaces/${name}`, /no object/);
  });
}

t.test('keeps a name one part of its path', async (t) => {
  t.equal(apiPath`/a/${'b/../c?d'}/e`, '/a/b%2F..%2Fc%3Fd/e');
});

t.test('tells of events in pieces, and of such as hold a line separator of Unicode', async (t) => {
  const lines = ['a\u2028b', 'ü'].map((name) => `${JSON.stringify({ type: 'ADDED', object: { name } })}\n`).join('');
  const bytes = Buffer.from(lines);
  const { kubeConfig } = await serve(t, async (_request, response) => {
    for (let at = 0; at < bytes.length; at += 7) {
      response.write(bytes.subarray(at, at + 7));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const names: string[] = [];
  const onEvent = (_type: string, object: { name: string }) => void names.push(object.name);
  await watch(kubeConfig, { path: '/x', query: {}, signal: new AbortController().signal, onEvent });
  t.same(names, ['a\u2028b', 'ü']);
});

t.test('ends a watch when its signal is aborted', async (t) => {
  const stop = new AbortController();
  const { kubeConfig } = await serve(t, (_request, response) => response.writeHead(200).flushHeaders());
  const onOpen = () => stop.abort();
  await t.resolves(watch(kubeConfig, { path: '/x', query: {}, signal: stop.signal, onOpen, onEvent() {} }));
});

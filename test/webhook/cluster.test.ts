/** The caches against an API server that lists, watches, refuses and breaks off: the real client over real HTTP. */
import { getEventListeners, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import t, { type Test } from 'tap';
import { clusterRegion } from '../../webhook/cluster/region.ts';
import { serviceAccountRoles } from '../../webhook/cluster/service-accounts.ts';

type ServiceAccount = { metadata: { namespace: string; name: string; annotations?: Record<string, string> } };

const ROLE = 'arn:aws:iam::111122223333:role/app';
const log = { info() {}, warn() {}, error() {} };

function account(name: string, role?: string): ServiceAccount {
  const annotations = role === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': role } };
  return { metadata: { namespace: 'shop', name, ...annotations } };
}

/** An API server that holds ServiceAccounts and nodes, and can be told to fail. */
async function startCluster(t: Test) {
  const state = {
    accounts: [] as ServiceAccount[],
    nodes: [] as object[],
    failing: false,
    reads: 0,
    lists: 0,
    nodeLists: 0,
    watches: 0,
    watchers: new Set<ServerResponse>(),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const reply = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const named = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/.exec(url.pathname);
    if (state.failing) return reply(500, { kind: 'Status', code: 500 });
    if (url.pathname === '/api/v1/nodes') {
      state.nodeLists += 1;
      return reply(200, { kind: 'NodeList', apiVersion: 'v1', items: state.nodes, metadata: {} });
    }
    if (named) {
      state.reads += 1;
      const found = state.accounts.find(
        ({ metadata }) => metadata.name === named[2] && metadata.namespace === named[1],
      );
      return found ? reply(200, found) : reply(404, { kind: 'Status', code: 404 });
    }
    if (url.searchParams.has('watch')) {
      state.watches += 1;
      state.watchers.add(response);
      response.on('close', () => state.watchers.delete(response));
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return response;
    }
    state.lists += 1;
    const start = Number(url.searchParams.get('continue') ?? 0);
    const next = start + 2 < state.accounts.length ? { continue: String(start + 2) } : {};
    const metadata = { resourceVersion: '1', ...next };
    return reply(200, { kind: 'List', apiVersion: 'v1', items: state.accounts.slice(start, start + 2), metadata });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'u' },
  );
  const stop = new AbortController();
  t.teardown(() => {
    stop.abort();
    server.closeAllConnections();
    server.close();
  });
  const send = (type: string, object: object) => {
    for (const watcher of state.watchers) watcher.write(`${JSON.stringify({ type, object })}\n`);
  };
  return { state, kubeConfig, signal: stop.signal, send };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

async function startRoles(t: Test, accounts: ServiceAccount[]) {
  const cluster = await startCluster(t);
  cluster.state.accounts = accounts;
  let synced = 0;
  const roleOf = serviceAccountRoles({
    ...cluster,
    log,
    onSynced: () => {
      synced += 1;
    },
  });
  await until(() => synced > 0 && cluster.state.watchers.size > 0);
  return { ...cluster, roleOf, synced: () => synced };
}

t.test('knows the roles of all pages of the list without asking again', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { roleOf, state } = await startRoles(
    t,
    names.map((name) => account(name, `${ROLE}-${name}`)),
  );
  for (const name of names) t.same(await roleOf('shop', name), { roleArn: `${ROLE}-${name}` });
  t.equal(state.reads, 0);
});

t.test('looks once more before it says no', async (t) => {
  const { roleOf, state } = await startRoles(t, [account('plain')]);
  t.equal(await roleOf('shop', 'none'), undefined);
  t.same(await roleOf('shop', 'plain'), {});
  state.accounts = [account('plain', ROLE), account('none', ROLE)];
  t.same(await roleOf('shop', 'plain'), { roleArn: ROLE });
  t.same(await roleOf('shop', 'none'), { roleArn: ROLE });
});

t.test('follows changes and deletions', async (t) => {
  const { roleOf, send, state } = await startRoles(t, [account('app', ROLE), account('gone', ROLE)]);
  state.accounts = [];
  send('MODIFIED', account('app', `${ROLE}2`));
  send('DELETED', account('gone', ROLE));
  send('ADDED', account('new', `${ROLE}3`));
  send('BOOKMARK', { metadata: { resourceVersion: '9' } });
  // Nothing of them can be read live, so what is known came from the watch.
  while ((await roleOf('shop', 'new')) === undefined) await sleep(5);
  t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
  t.equal(await roleOf('shop', 'gone'), undefined);
});

t.test('still knows what it knew while the API server fails, and then catches up', async (t) => {
  const { roleOf, state, synced } = await startRoles(t, [account('app', ROLE)]);
  state.failing = true;
  for (const watcher of state.watchers) watcher.destroy();
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE });
  await t.rejects(roleOf('shop', 'other'), 'unknown is not the same as none');
  state.accounts = [account('app', `${ROLE}2`)];
  state.failing = false;
  await until(() => synced() > 1);
  t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
});

t.test('lists anew when its place in the history is gone', async (t) => {
  const { roleOf, state, send, synced } = await startRoles(t, [account('app', ROLE)]);
  state.accounts = [account('app', `${ROLE}2`)];
  send('ERROR', { kind: 'Status', code: 410 });
  for (const watcher of state.watchers) watcher.end();
  await until(() => synced() > 1);
  t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
});

t.test('reads a role that would be refused once more', async (t) => {
  const { roleOf, state } = await startRoles(t, [account('app', 'role/app')]);
  state.accounts = [account('app', ROLE)];
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE }, 'the watch has not told of the correction yet');
});

t.test('leaves nothing behind of the watches that ended', async (t) => {
  const { state, signal } = await startRoles(t, []);
  const listening = getEventListeners(signal, 'abort').length;
  for (const count of [2, 3]) {
    for (const watcher of [...state.watchers]) watcher.end();
    await until(() => state.watches === count && state.watchers.size === 1);
  }
  t.equal(getEventListeners(signal, 'abort').length, listening);
});

t.test('goes on from its place when the server merely ends the watch', async (t) => {
  const { roleOf, state, send } = await startRoles(t, [account('app', ROLE)]);
  for (const watcher of [...state.watchers]) watcher.end();
  await until(() => state.watches === 2);
  state.accounts = [];
  send('ADDED', account('new', ROLE));
  while ((await roleOf('shop', 'new')) === undefined) await sleep(5);
  t.equal(state.lists, 1);
});

t.test('takes the region from a node, once for ever', async (t) => {
  const { state, kubeConfig } = await startCluster(t);
  state.nodes = [{ metadata: { labels: { 'topology.kubernetes.io/region': 'eu-west-3' } } }];
  const region = clusterRegion(kubeConfig);
  t.same(await Promise.all([region(), region()]), ['eu-west-3', 'eu-west-3']);
  t.equal(await region(), 'eu-west-3');
  t.equal(state.nodeLists, 1);
});

t.test('asks again for the region after a while where there was none, and at once after a failure', async (t) => {
  const { state, kubeConfig } = await startCluster(t);
  let time = 0;
  const region = clusterRegion(kubeConfig, () => time);
  state.failing = true;
  await t.rejects(region());
  state.failing = false;
  t.equal(await region(), undefined);
  state.nodes = [{ metadata: { labels: { 'topology.kubernetes.io/region': 'eu-west-3' } } }];
  t.equal(await region(), undefined);
  time = 60_000;
  t.equal(await region(), 'eu-west-3');
});

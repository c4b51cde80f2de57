/** Tests the failures of a pod whose Kubernetes Secret can not be written: what they say, and that nothing is left. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KUBERNETES_TOKEN_FILE } from '../../../injector/contract/names.ts';
import { startSecretsServer } from '../../kubernetes/secrets-server.ts';
import { createSyncedWorld, foreignSecret, syncOf, VALUE } from '../support/cluster.ts';
import { secret } from '../support/world.ts';

t.test("somebody else's Secret stays as it is, and no file is written", async (t) => {
  const { world, server } = await createSyncedWorld(t);
  server.put(foreignSecret({ 'app.kubernetes.io/managed-by': 'Helm' }));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, /The Secret "shop-db" was not made.*kubectl label secret.*ASI_SYNC_FOREIGN/);
  t.equal(server.text('shop-db', 'password'), 'theirs');
  t.strictSame(world.files(), []);
});

t.test('a Secret of another type is named with both types', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  server.put(foreignSecret({ 'app.kubernetes.io/managed-by': 'aws-secrets-injector' }, 'kubernetes.io/tls'));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, /type kubernetes.io\/tls, and Opaque is declared.*ASI_SYNC_TYPE/);
});

t.test('a ServiceAccount without a right is told the verb, the resource, the name and what to paste', async (t) => {
  const rights = { get: [], create: ['get', 'patch'], patch: ['get', 'create'] };
  for (const [verb, granted] of Object.entries(rights)) {
    const { world, server } = await createSyncedWorld(t);
    server.state.rights = { '*': granted };
    const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
    const { exitCode, elapsed, message } = await world.run(config, [], server.cluster);
    t.equal(exitCode, 10);
    t.equal(elapsed, 15_000, 'as a Role that is just being made may come a moment later');
    t.match(message, `may not ${verb} the resource secrets "shop-db" in the namespace "shop"`);
    t.match(message, '--verb=get,create,patch --resource=secrets --resource-name=shop-db -n shop');
    t.match(message, '--serviceaccount=shop:app1');
    t.match(message, 'ASI_SYNC_DENIED');
    t.strictSame([server.stored(), world.files()], [[], []]);
  }
});

t.test('of two Secrets none is made if the ServiceAccount may not make the second one', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const sync = syncOf({ password: 0 });
  const [first] = sync.secrets;
  server.state.rights = { 'shop-db': ['get', 'create', 'patch'], other: ['get', 'patch'] };
  const secrets = first ? [first, { ...first, name: 'other' }] : [];
  const config = world.config([secret('db')], { sync: { ...sync, secrets } });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, /may not create the resource secrets "other".*--resource-name=shop-db --resource-name=other/);
  t.strictSame(server.stored(), []);
});

t.test('what the API server or a policy says about a Secret is told, without its value', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const quoted = Buffer.from(VALUE).toString('base64');
  const message = `secrets "shop-db" is forbidden: exceeded quota: few, and ${quoted} is ${VALUE}`;
  const body = { kind: 'Status', status: 'Failure', code: 403, message };
  server.state.fault = (method) => (method === 'PATCH' ? { status: 403, body } : undefined);
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const run = await world.run(config, [], server.cluster);
  t.equal(run.exitCode, 10);
  t.match(run.message, /HTTP status 403: secrets "shop-db" is forbidden: exceeded quota: few.*ASI_SYNC_REFUSED/);
  for (const text of [VALUE, quoted]) t.notMatch(run.message + run.log, text);
});

t.test('an API server that stays down is a transient failure', async (t) => {
  const { world } = await createSyncedWorld(t);
  const cluster = { apiServer: { host: '127.0.0.1', port: '1' }, podUid: 'uid' };
  const { exitCode, message } = await world.run(
    world.config([secret('db')], { sync: syncOf({ password: 0 }) }),
    [],
    cluster,
  );
  t.equal(exitCode, 20);
  t.match(message, /could not be reached: ECONNREFUSED.*ASI_SYNC_UNAVAILABLE/);
});

t.test('a server with a certificate of another authority gets no token', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const stranger = await startSecretsServer(t);
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], { ...server.cluster, apiServer: stranger.apiServer });
  t.equal(exitCode, 20);
  t.match(message, 'ASI_SYNC_UNAVAILABLE');
  t.strictSame(stranger.requests, []);
});

t.test('a pod without the token says so', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  rmSync(join(world.root, KUBERNETES_TOKEN_FILE));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, 'ASI_SYNC_TOKEN');
});

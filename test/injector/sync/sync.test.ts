/** Tests Kubernetes Secrets that the injector makes, from AWS to the API server. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KUBERNETES_TOKEN_FILE } from '../../../injector/contract/names.ts';
import { createLog } from '../../../injector/log.ts';
import { createRedactor } from '../../../injector/redactor.ts';
import { Secret } from '../../../injector/secret.ts';
import { syncSecrets } from '../../../injector/sync/sync.ts';
import { startSecretsServer } from '../../kubernetes/secrets-server.ts';
import { createClock } from '../support/clock.ts';
import { addCluster, OWNER, syncOf } from '../support/cluster.ts';
import { createWorld, secret } from '../support/world.ts';

const CANARY = 'canary-7f3a9c';

const setUp = async (t: Test) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  return { world, server: await addCluster(t, world.root) };
};

t.test(
  'a Secret has the value, type, labels and annotations that are declared, and the owner of the pod',
  async (t) => {
    const { world, server } = await setUp(t);
    const more = { labels: { tier: 'db' }, annotations: { note: 'of the class' } };
    const config = world.config([secret('db')], { sync: syncOf({ password: 0 }, more) });
    const { exitCode, message, log } = await world.run(config, [], server.cluster);
    t.equal(exitCode, 0, message);
    t.match(server.get('shop-db'), {
      type: 'Opaque',
      data: { password: Buffer.from(CANARY).toString('base64') },
      metadata: {
        labels: { tier: 'db', 'app.kubernetes.io/managed-by': 'aws-secrets-injector' },
        annotations: { note: 'of the class' },
        ownerReferences: [OWNER],
      },
    });
    t.equal(world.read('db'), CANARY);
    t.match(log, 'The Secret shop-db is up to date.');
    t.notMatch(log, CANARY);
  },
);

t.test('a pod without an owner owns the Secret itself', async (t) => {
  const { world, server } = await setUp(t);
  const { owners: _, ...sync } = syncOf({ password: 0 });
  await world.run(world.config([secret('db')], { sync }), [], server.cluster);
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'app1-7d9-x2x', uid: 'uid-of-pod' };
  t.strictSame(server.get('shop-db')?.metadata['ownerReferences'], [owner]);
});

t.test('a pod that declares no Secret asks no API server', async (t) => {
  const { world, server } = await setUp(t);
  t.equal((await world.run(world.config([secret('db')]), [], server.cluster)).exitCode, 0);
  t.strictSame([server.requests, server.stored()], [[], []]);
});

t.test('a second pod of the same owner writes nothing, and one of another owner adds itself', async (t) => {
  const { world, server } = await setUp(t);
  const sync = syncOf({ password: 0 });
  const other = { ...OWNER, name: 'app1-8e1', uid: 'uid-of-8e1' };
  const writes: number[] = [];
  for (const owner of [OWNER, OWNER, other]) {
    const config = world.config([secret('db')], { sync: { ...sync, owners: [owner] } });
    t.equal((await world.run(config, [], server.cluster)).exitCode, 0);
    writes.push(server.writes());
  }
  t.strictSame(writes, [1, 1, 2]);
  t.strictSame(server.get('shop-db')?.metadata['ownerReferences'], [OWNER, other]);
});

t.test('a key that is not declared any more goes, and the key of somebody else stays', async (t) => {
  const { world, server } = await setUp(t);
  await world.run(world.config([secret('db')], { sync: syncOf({ old: 0, password: 0 }) }), [], server.cluster);
  const present = server.get('shop-db');
  t.ok(present);
  if (present) server.put({ ...present, data: { ...present.data, extra: 'ZXh0cmE=' } });
  await world.run(world.config([secret('db')], { sync: syncOf({ password: 0 }) }), [], server.cluster);
  t.strictSame(Object.keys(server.get('shop-db')?.data ?? {}).sort(), ['extra', 'password']);
});

const foreign = (labels: Record<string, string>, type = 'Opaque') => ({
  metadata: { name: 'shop-db', namespace: 'shop', labels },
  type,
  data: { password: 'dGhlaXJz' },
});

t.test('a Secret of the CSI driver is taken over, and one that is marked for the injector', async (t) => {
  for (const labels of [
    { 'secrets-store.csi.k8s.io/managed': 'true' },
    { 'app.kubernetes.io/managed-by': 'aws-secrets-injector' },
  ]) {
    const { world, server } = await setUp(t);
    server.put(foreign(labels));
    await world.run(world.config([secret('db')], { sync: syncOf({ password: 0 }) }), [], server.cluster);
    t.equal(server.text('shop-db', 'password'), CANARY, JSON.stringify(labels));
  }
});

t.test("somebody else's Secret stays as it is, and no file is written", async (t) => {
  const { world, server } = await setUp(t);
  server.put(foreign({ 'app.kubernetes.io/managed-by': 'Helm' }));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, /The Secret "shop-db" was not made.*kubectl label secret.*ASI_SYNC_FOREIGN/);
  t.equal(server.text('shop-db', 'password'), 'theirs');
  t.strictSame(world.files(), []);
});

t.test('a Secret of another type is named with both types', async (t) => {
  const { world, server } = await setUp(t);
  server.put(foreign({ 'app.kubernetes.io/managed-by': 'aws-secrets-injector' }, 'kubernetes.io/tls'));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, /type kubernetes.io\/tls, and Opaque is declared.*ASI_SYNC_TYPE/);
});

t.test('a ServiceAccount without a right is told the verb, the resource, the name and what to paste', async (t) => {
  const rights = { get: [], create: ['get', 'patch'], patch: ['get', 'create'] };
  for (const [verb, granted] of Object.entries(rights)) {
    const { world, server } = await setUp(t);
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
  const { world, server } = await setUp(t);
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
  const { world, server } = await setUp(t);
  const quoted = Buffer.from(CANARY).toString('base64');
  const message = `secrets "shop-db" is forbidden: exceeded quota: few, and ${quoted} is ${CANARY}`;
  const body = { kind: 'Status', status: 'Failure', code: 403, message };
  server.state.fault = (method) => (method === 'PATCH' ? { status: 403, body } : undefined);
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const run = await world.run(config, [], server.cluster);
  t.equal(run.exitCode, 10);
  t.match(run.message, /HTTP status 403: secrets "shop-db" is forbidden: exceeded quota: few.*ASI_SYNC_REFUSED/);
  for (const text of [CANARY, quoted]) t.notMatch(run.message + run.log, text);
});

t.test('an API server that is down for a while is asked again', async (t) => {
  const { world, server } = await setUp(t);
  const body = { kind: 'Status', status: 'Failure', code: 503, message: 'etcdserver: leader changed' };
  server.state.fault = () => ({ status: 503, body });
  const happens = () => {
    server.state.fault = undefined;
  };
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode } = await world.run(config, [{ at: 10_000, happens }], server.cluster);
  t.equal(exitCode, 0);
  t.equal(server.text('shop-db', 'password'), CANARY);
});

t.test('an API server that stays down is a transient failure', async (t) => {
  const { world } = await setUp(t);
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
  const { world, server } = await setUp(t);
  const stranger = await startSecretsServer(t);
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], { ...server.cluster, apiServer: stranger.apiServer });
  t.equal(exitCode, 20);
  t.match(message, 'ASI_SYNC_UNAVAILABLE');
  t.strictSame(stranger.requests, []);
});

t.test('a pod without the token says so', async (t) => {
  const { world, server } = await setUp(t);
  rmSync(join(world.root, KUBERNETES_TOKEN_FILE));
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 10);
  t.match(message, 'ASI_SYNC_TOKEN');
});

t.test('fifty pods that start at once write the Secret once, and again once when the value changes', async (t) => {
  const root = t.testdir({});
  const server = await addCluster(t, root);
  let lines = '';
  const redactor = createRedactor();
  const write = (line: string) => {
    lines += line;
  };
  const log = createLog({ level: 'debug' }, { now: () => new Date(), write, redact: redactor.redact });
  const all = (value: string) =>
    Promise.all(
      Array.from({ length: 50 }, () => {
        const clock = createClock([], { random: Math.random });
        const context = { ...server, root, podName: 'app1', clock, deadline: clock.now() + 30_000, log, redactor };
        const wanted = [{ name: 'shop-db', type: 'Opaque', data: new Map([['password', new Secret(value)]]) }];
        return syncSecrets(wanted, { namespace: 'shop', sync: syncOf({ password: 0 }) }, context);
      }),
    );
  t.strictSame((await all(CANARY)).flat(), []);
  t.equal(server.writes(), 1);
  t.strictSame((await all(`${CANARY} 2`)).flat(), []);
  t.equal(server.writes(), 2);
  t.equal(server.stored().length, 1);
  t.notMatch(lines, /conflict|warn|error|409/i);
});

t.test('pods of two Deployments that start at once both own the Secret', async (t) => {
  const { world, server } = await setUp(t);
  const owners = [OWNER, { ...OWNER, name: 'app2-1a2', uid: 'uid-of-1a2' }];
  const redactor = createRedactor();
  const log = createLog({ level: 'error' }, { now: () => new Date(), write: () => {}, redact: redactor.redact });
  await Promise.all(
    owners.map((owner) => {
      const clock = createClock([], { random: Math.random });
      const context = {
        ...server,
        root: world.root,
        podName: 'x',
        clock,
        deadline: clock.now() + 30_000,
        log,
        redactor,
      };
      const wanted = [{ name: 'shop-db', type: 'Opaque', data: new Map([['password', new Secret(CANARY)]]) }];
      const sync = { ...syncOf({ password: 0 }), owners: [owner] };
      return syncSecrets(wanted, { namespace: 'shop', sync }, context);
    }),
  );
  const present = server.get('shop-db')?.metadata['ownerReferences'] as { uid: string }[];
  t.strictSame(present.map(({ uid }) => uid).sort(), owners.map(({ uid }) => uid).sort());
});

import t from 'tap';
import { createSyncedWorld, foreignSecret, OWNER, syncOf, VALUE } from '../support/cluster.ts';
import { secret } from '../support/world.ts';

t.test(
  'a Secret has the value, type, labels and annotations that are declared, and the owner of the pod',
  async (t) => {
    const { world, server } = await createSyncedWorld(t);
    const more = { labels: { tier: 'db' }, annotations: { note: 'of the class' } };
    const config = world.config([secret('db')], { sync: syncOf({ password: 0 }, more) });
    const { exitCode, message, log } = await world.run(config, [], server.cluster);
    t.equal(exitCode, 0, message);
    t.match(server.get('shop-db'), {
      type: 'Opaque',
      data: { password: Buffer.from(VALUE).toString('base64') },
      metadata: {
        labels: { tier: 'db', 'app.kubernetes.io/managed-by': 'aws-secrets-injector' },
        annotations: { note: 'of the class' },
        ownerReferences: [OWNER],
      },
    });
    t.equal(world.read('db'), VALUE);
    t.match(log, 'The Secret shop-db is up to date.');
    t.notMatch(log, VALUE);
  },
);

t.test('a pod without an owner owns the Secret itself', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const { owners: _, ...sync } = syncOf({ password: 0 });
  await world.run(world.config([secret('db')], { sync }), [], server.cluster);
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'app1-7d9-x2x', uid: 'uid-of-pod' };
  t.strictSame(server.get('shop-db')?.metadata['ownerReferences'], [owner]);
});

t.test('a pod that declares no Secret asks no API server', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  t.equal((await world.run(world.config([secret('db')]), [], server.cluster)).exitCode, 0);
  t.strictSame([server.requests, server.stored()], [[], []]);
});

t.test('a second pod of the same owner writes nothing, and one of another owner adds itself', async (t) => {
  const { world, server } = await createSyncedWorld(t);
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
  const { world, server } = await createSyncedWorld(t);
  await world.run(world.config([secret('db')], { sync: syncOf({ old: 0, password: 0 }) }), [], server.cluster);
  const present = server.get('shop-db');
  t.ok(present);
  if (present) server.put({ ...present, data: { ...present.data, extra: 'ZXh0cmE=' } });
  await world.run(world.config([secret('db')], { sync: syncOf({ password: 0 }) }), [], server.cluster);
  t.strictSame(Object.keys(server.get('shop-db')?.data ?? {}).sort(), ['extra', 'password']);
});

t.test('a Secret of the CSI driver is taken over, and one that is marked for the injector', async (t) => {
  for (const labels of [
    { 'secrets-store.csi.k8s.io/managed': 'true' },
    { 'app.kubernetes.io/managed-by': 'aws-secrets-injector' },
  ]) {
    const { world, server } = await createSyncedWorld(t);
    server.put(foreignSecret(labels));
    await world.run(world.config([secret('db')], { sync: syncOf({ password: 0 }) }), [], server.cluster);
    t.equal(server.text('shop-db', 'password'), VALUE, JSON.stringify(labels));
  }
});

t.test('an API server that is down for a while is asked again', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const body = { kind: 'Status', status: 'Failure', code: 503, message: 'etcdserver: leader changed' };
  server.state.fault = () => ({ status: 503, body });
  const happens = () => {
    server.state.fault = undefined;
  };
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }) });
  const { exitCode } = await world.run(config, [{ at: 10_000, happens }], server.cluster);
  t.equal(exitCode, 0);
  t.equal(server.text('shop-db', 'password'), VALUE);
});

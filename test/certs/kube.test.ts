import t, { type Test } from 'tap';
import { carryOut } from '../../certs/carry-out.ts';
import { connect, type Seen } from '../../certs/kube.ts';
import { POLICY } from '../../certs/lifecycle.ts';
import type { Stored } from '../../certs/stored.ts';
import { CONFIGURATIONS, makeWorld, NAMES, SECRETS, webhookConfiguration } from './world.ts';

async function makeCluster(test: Test) {
  const world = await makeWorld();
  test.teardown(() => world.close());
  return { world, cluster: connect(world.server.kubeConfig, NAMES) };
}

function found(seen: Seen): Promise<Stored> {
  return carryOut({ kind: 'found-authority' }, new Date(), seen, POLICY);
}

t.test(
  'the webhook configuration is read before the Secret, so that a late replica takes no newer CA out',
  async (t) => {
    const { world, cluster } = await makeCluster(t);
    await cluster.see();
    t.same(
      world.server.calls.map(({ path }) => path),
      [`${CONFIGURATIONS}/hook`, `${SECRETS}/injector-tls`],
    );
  },
);

t.test('of two that write the Secret, one wins and the other is told', async (t) => {
  const { cluster } = await makeCluster(t);
  await cluster.store(await cluster.see(), await found(await cluster.see()));
  const seen = await cluster.see();
  const [one, two] = [await found(seen), await found(seen)];
  const both = await Promise.all([cluster.store(seen, one), cluster.store(seen, two)]);
  t.same(both.toSorted(), ['conflict', 'done']);
});

t.test('a Secret that is deleted meanwhile is a conflict', async (t) => {
  const { world, cluster } = await makeCluster(t);
  await cluster.store(await cluster.see(), await found(await cluster.see()));
  const seen = await cluster.see();
  world.server.delete(SECRETS, NAMES.secretName);
  t.equal(await cluster.store(seen, await found(seen)), 'conflict');
});

t.test('a caBundle is only written into the configuration that was read', async (t) => {
  const { world, cluster } = await makeCluster(t);
  const seen = await cluster.see();
  world.server.put(CONFIGURATIONS, webhookConfiguration('bmV3ZXI='));
  t.equal(await cluster.publish(seen, 'older'), 'conflict');
  t.same(world.bundles(), ['newer', 'newer']);
  t.equal(await cluster.publish(await cluster.see(), 'newest'), 'done');
  t.same(world.bundles(), ['newest', 'newest']);
  world.server.delete(CONFIGURATIONS, 'hook');
  t.equal(await cluster.publish(seen, 'older'), 'conflict');
});

t.test('nothing of the webhook configuration but its caBundles changes', async (t) => {
  const { world, cluster } = await makeCluster(t);
  await cluster.publish(await cluster.see(), 'bundle');
  const { metadata: _, ...after } = world.server.get(CONFIGURATIONS, 'hook') ?? { metadata: {} };
  const { metadata: __, ...expected } = webhookConfiguration(Buffer.from('bundle').toString('base64'));
  t.same(after, expected);
});

t.test('no Secret is made where there is none', async (t) => {
  const { world, cluster } = await makeCluster(t);
  world.server.delete(SECRETS, NAMES.secretName);
  const seen = await cluster.see();
  await t.rejects(cluster.store(seen, await found(seen)), { message: /may not make one/ });
  t.equal(world.server.get(SECRETS, NAMES.secretName), undefined);
});

t.test('what the API server refuses is thrown, not taken for a conflict', async (t) => {
  const { world, cluster } = await makeCluster(t);
  const seen = await cluster.see();
  world.server.fault(({ method }) => (method === 'GET' ? undefined : 403));
  await t.rejects(cluster.publish(seen, 'x'), { code: 403 });
  await t.rejects(cluster.store(seen, await found(seen)), { code: 403 });
});

t.test('a caBundle that the API server finds invalid is no lost race', async (t) => {
  const { world, cluster } = await makeCluster(t);
  const seen = await cluster.see();
  world.server.fault(({ method }) => (method === 'PATCH' ? 422 : undefined));
  await t.rejects(cluster.publish(seen, 'x'), { code: 422 });
});

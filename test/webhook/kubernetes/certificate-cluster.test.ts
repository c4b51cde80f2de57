/** The Secret and the webhook configuration, which several replicas write at the same time. */
import t, { type Test } from 'tap';
import type { Cluster } from '../../../certs/host.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { emptySecret, makeWorld, NAMES, webhookConfiguration } from '../../certs/support/world.ts';
import { CONFIGURATIONS, SECRETS } from '../../kubernetes/api-server.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

async function start(test: Test) {
  const world = await makeWorld(test);
  return { world, ...objectsOf(certificateCluster(world.server.kubeConfig, SILENT)) };
}

function objectsOf(cluster: Cluster) {
  return {
    secret: cluster.secret(NAMES.namespace, NAMES.secretName),
    configuration: cluster.configuration(NAMES.webhookConfigurationName),
  };
}

t.test('of two that write the Secret, one wins and the other gets a conflict', async (t) => {
  const { secret } = await start(t);
  const snapshot = await secret.read();
  const both = await Promise.all(['1', '2'].map((value) => snapshot?.write({ 'tls.key': value })));
  t.same(both.toSorted(), ['conflict', 'done']);
});

t.test('a Secret that is deleted meanwhile is a conflict, and is not made again', async (t) => {
  const { world, secret } = await start(t);
  const snapshot = await secret.read();
  world.server.remove(SECRETS, emptySecret());
  t.equal(await snapshot?.write({ 'tls.key': 'x' }), 'conflict');
  t.equal(await secret.read(), undefined);
});

t.test('writes and removes keys of the Secret; all else in it stays', async (t) => {
  const { world, secret } = await start(t);
  const binary = Buffer.from([0xff, 0x00]).toString('base64');
  world.server.put(SECRETS, { ...emptySecret(), data: { binary, old: 'eA==' } });
  t.equal(await (await secret.read())?.write({ 'tls.key': 'x', old: undefined }), 'done');
  t.match(world.server.get(SECRETS, NAMES.secretName), emptySecret());
  t.same(world.server.get(SECRETS, NAMES.secretName)?.data, { binary, 'tls.key': 'eA==' });
});

t.test('a caBundle is only written into the configuration that was read', async (t) => {
  const { world, configuration } = await start(t);
  const snapshot = await configuration.read();
  world.server.put(CONFIGURATIONS, webhookConfiguration('bmV3ZXI='));
  t.equal(await snapshot?.publish('older'), 'conflict');
  t.same(world.bundles(), ['newer', 'newer']);
  t.equal(await (await configuration.read())?.publish('newest'), 'done');
  t.same(world.bundles(), ['newest', 'newest']);
  world.server.remove(CONFIGURATIONS, webhookConfiguration());
  t.equal(await snapshot?.publish('older'), 'conflict');
});

t.test('nothing of the webhook configuration but its caBundles changes', async (t) => {
  const { world, configuration } = await start(t);
  await (await configuration.read())?.publish('bundle');
  const { metadata: _, ...after } = world.server.get(CONFIGURATIONS, 'hook') ?? { metadata: {} };
  const { metadata: __, ...expected } = webhookConfiguration(Buffer.from('bundle').toString('base64'));
  t.same(after, expected);
});

t.test('a configuration without a webhook counts as none', async (t) => {
  const { world, configuration } = await start(t);
  world.server.put(CONFIGURATIONS, { ...webhookConfiguration(), webhooks: [] });
  t.equal(await configuration.read(), undefined);
});

t.test('what the API server refuses is thrown with its reason, and is no conflict', async (t) => {
  const { world, secret, configuration } = await start(t);
  const [stored, hook] = [await secret.read(), await configuration.read()];
  world.server.state.fault = () => 403;
  const refused = { message: 'the API server answered 403: as the test wants it' };
  await t.rejects(async () => stored?.write({ 'tls.key': 'x' }), refused);
  await t.rejects(async () => hook?.publish('x'), refused);
  await t.rejects(secret.read(), refused);
});

t.test('a caBundle that the API server finds invalid is no conflict', async (t) => {
  const { world, configuration } = await start(t);
  const snapshot = await configuration.read();
  world.server.state.fault = ({ kind }) => (kind === 'patch' ? 422 : undefined);
  await t.rejects(async () => snapshot?.publish('x'), { message: /422/ });
});

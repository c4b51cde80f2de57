/** The caches of ExternalSecrets and of their stores. What all custom resources share is tested with the SecretProviderClasses. */
import t, { type Test } from 'tap';
import { EXTERNAL_RESOURCES, externalSecrets, SPEC_LIMIT } from '../../../webhook/cluster/external-secrets.ts';
import { createLiveReads } from '../../../webhook/kubernetes/live-reads.ts';
import { recordingLog, type Stored, startApiServer, until } from '../../kubernetes/api-server.ts';

const pathsOf = (version: string) =>
  EXTERNAL_RESOURCES.map((plural) => `/apis/external-secrets.io/${version}/${plural}`);

function stored(kind: string, name: string, spec: object, namespace?: string): Stored {
  return { apiVersion: 'external-secrets.io/v1', kind, metadata: { name, ...(namespace && { namespace }) }, spec };
}

async function start(t: Test, version = 'v1') {
  const paths = pathsOf(version);
  const cluster = await startApiServer(t, paths);
  const [secrets = '', stores = '', clusterStores = ''] = paths;
  cluster.put(secrets, stored('ExternalSecret', 'db', { target: { name: 'shop-db' } }, 'shop'));
  cluster.put(stores, stored('SecretStore', 'aws', { of: 'shop' }, 'shop'));
  cluster.put(clusterStores, stored('ClusterSecretStore', 'aws', { of: 'all' }));
  const synced = new Set<string>();
  const live = createLiveReads(cluster.kubeConfig);
  const { log } = recordingLog();
  const facts = externalSecrets((plural) => ({ ...cluster, live, log, onSynced: () => synced.add(plural) }));
  await until(() => synced.size === 3 && paths.every((path) => cluster.watching(path)));
  const reads = () => cluster.calls.filter(({ kind }) => kind === 'get').length;
  return { ...cluster, ...facts, reads, secrets };
}

t.test('knows the specs of all three kinds without asking again', async (t) => {
  const { externalSecretOf, storeOf, reads } = await start(t);
  t.same(await externalSecretOf('shop', 'db', false), { spec: { target: { name: 'shop-db' } } });
  t.same(await storeOf('SecretStore', 'shop', 'aws', false), { spec: { of: 'shop' } });
  t.same(await storeOf('ClusterSecretStore', 'shop', 'aws', false), { spec: { of: 'all' } });
  t.equal(reads(), 0);
});

t.test('reads a ClusterSecretStore live, from no namespace', async (t) => {
  const { storeOf } = await start(t);
  t.same(await storeOf('ClusterSecretStore', 'shop', 'aws', true), { spec: { of: 'all' } });
});

t.test('reads the objects of an operator before 0.17, which has version v1beta1 only', async (t) => {
  const { externalSecretOf } = await start(t, 'v1beta1');
  t.same(await externalSecretOf('shop', 'db', true), { spec: { target: { name: 'shop-db' } } });
});

t.test('keeps nothing of a spec that is too long, and says so', async (t) => {
  const { externalSecretOf, put, secrets } = await start(t);
  put(secrets, stored('ExternalSecret', 'db', { target: { name: 'x'.repeat(SPEC_LIMIT) } }, 'shop'));
  await until(async () => (await externalSecretOf('shop', 'db', false))?.isTooLong === true);
  t.same(await externalSecretOf('shop', 'db', true), { spec: undefined, isTooLong: true });
});

t.test('finds the ExternalSecrets that make a Secret in a namespace', async (t) => {
  const { externalSecretsFor, put, secrets } = await start(t);
  put(secrets, stored('ExternalSecret', 'api', {}, 'shop'));
  put(secrets, stored('ExternalSecret', 'shop-db', {}, 'blog'));
  await until(async () => (await externalSecretsFor('blog', ['shop-db'])).length > 0);
  t.same(await externalSecretsFor('shop', ['shop-db', 'db']), ['db'], 'the name of the target counts');
  t.same(await externalSecretsFor('shop', ['shop-db', 'api', 'none']), ['api', 'db']);
  t.same(await externalSecretsFor('other', ['shop-db']), []);
});

t.test('forgets what an ExternalSecret made before it was changed or deleted', async (t) => {
  const { externalSecretsFor, put, remove, secrets } = await start(t);
  put(secrets, stored('ExternalSecret', 'db', { target: { name: 'other' } }, 'shop'));
  await until(async () => (await externalSecretsFor('shop', ['other'])).length > 0);
  t.same(await externalSecretsFor('shop', ['shop-db']), []);
  remove(secrets, stored('ExternalSecret', 'db', {}, 'shop'));
  await until(async () => (await externalSecretsFor('shop', ['other'])).length === 0);
});

t.test('knows what an ExternalSecret makes that is too long', async (t) => {
  const { externalSecretsFor, externalSecretOf, put, secrets } = await start(t);
  const spec = { target: { name: 'long' }, data: 'x'.repeat(SPEC_LIMIT) };
  put(secrets, stored('ExternalSecret', 'db', spec, 'shop'));
  await until(async () => (await externalSecretsFor('shop', ['long'])).length > 0);
  t.same(await externalSecretOf('shop', 'db', false), { spec: { target: { name: 'long' } }, isTooLong: true });
});

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

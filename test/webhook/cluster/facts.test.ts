import t, { type Test } from 'tap';
import { clusterFacts } from '../../../webhook/cluster/facts.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { ACCOUNTS, CLASSES, NODES, recordingLog, startApiServer, until } from '../../kubernetes/api-server.ts';
import { answerTo, settings } from '../support/admission.ts';

async function startFacts(t: Test, kubeletVersion: string, serverVersion: object, collections = [ACCOUNTS, NODES]) {
  const cluster = await startApiServer(t, collections);
  const metadata = { name: 'a', labels: { 'topology.kubernetes.io/region': 'eu-west-3' } };
  cluster.put(NODES, { metadata, status: { nodeInfo: { kubeletVersion, operatingSystem: 'linux' } } });
  Object.assign(cluster.state.serverVersion, serverVersion);
  const synced = new Set<string>();
  const metrics = createMetrics('0.0.0');
  const facts = clusterFacts({
    ...cluster,
    log: recordingLog().log,
    external: false,
    onContact: metrics.cacheContact,
    onSynced(cache) {
      synced.add(cache);
      metrics.cacheSynced(cache);
    },
  });
  await until(() => synced.size === 3);
  return { facts, metrics, cluster };
}

t.test('tells of a cluster that delivers variables', async (t) => {
  const { facts } = await startFacts(t, 'v1.35.2-eks-1a2b3c', {});
  t.strictSame(await facts.envFiles(), { serverVersion: '1.35', server: true, everyNode: true });
  t.equal(await facts.region(), 'eu-west-3');
  t.equal(await facts.classOf('shop', 'a', false), undefined);
  t.equal(await facts.roleOf('shop', 'a'), undefined);
});

t.test('tells of a cluster whose nodes are not upgraded yet', async (t) => {
  const { facts } = await startFacts(t, 'v1.34.9-eks-1a2b3c', {});
  t.strictSame(await facts.envFiles(), { serverVersion: '1.35', server: true, everyNode: false });
});

t.test('tells of an API server that would refuse the field', async (t) => {
  const { facts } = await startFacts(t, 'v1.33.1', { minor: '34+' });
  t.strictSame(await facts.envFiles(), { serverVersion: '1.34', server: false, everyNode: false });
});

t.test('measures for each cache that it is full, and when it last heard of the API', async (t) => {
  const started = Date.now() / 1000;
  const { metrics } = await startFacts(t, 'v1.35.0', {});
  const text = await metrics.registry.metrics();
  for (const cache of ['serviceaccounts', 'secretproviderclasses', 'nodes']) {
    t.match(text, `aws_secrets_injector_cache_synced{cache="${cache}"} 1`);
    const line = new RegExp(`cache_last_contact_timestamp_seconds\\{cache="${cache}"\\} ([0-9.]+)`).exec(text);
    t.ok(Number(line?.[1]) >= started);
  }
});

/** A pod that names so many SecretProviderClasses, none of which exists. */
function podWithClasses(count: number) {
  const names = Array.from({ length: count }, (_, index) => `absent-${index}`);
  const annotations = { 'aws-secrets-injector.dev/secret-provider-class': names.join() };
  return { metadata: { name: 'app', annotations }, spec: { containers: [{ name: 'app', image: 'x' }] } };
}

const CLUSTERS: [what: string, collections: string[], requests: number][] = [
  ['with SecretProviderClasses: one for each class, and one for the ServiceAccount', [ACCOUNTS, NODES, CLASSES], 17],
  ['without SecretProviderClasses: one for the group, and one for the ServiceAccount', [ACCOUNTS, NODES], 2],
];
for (const [what, collections, requests] of CLUSTERS) {
  t.test(`counts the requests of a refused pod with 16 classes in a cluster ${what}`, async (t) => {
    const { facts, cluster } = await startFacts(t, 'v1.35.0', {}, collections);
    const reads = () => cluster.calls.filter(({ kind }) => kind === 'get').length;
    const before = reads();
    const answer = await answerTo(podWithClasses(16), {}, { ...settings, aws: { region: 'eu-west-1' } }, facts);
    t.equal(answer.outcome, 'denied');
    t.equal(reads() - before, requests);
  });
}

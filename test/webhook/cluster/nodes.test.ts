/** Tests what is read from nodes: the region, and whether every kubelet delivers variables from files. */
import t, { type Test } from 'tap';
import { followNodes } from '../../../webhook/cluster/nodes.ts';
import { NODES, recordingLog, type Stored, startApiServer, until } from '../../kubernetes/api-server.ts';

function node(name: string, kubeletVersion: string, { region = '', operatingSystem = 'linux' } = {}): Stored {
  const labels = region ? { 'topology.kubernetes.io/region': region } : {};
  return { metadata: { name, labels }, status: { nodeInfo: { kubeletVersion, operatingSystem } } };
}

async function startNodes(t: Test, stored: Stored[], waitMs = 4000) {
  const cluster = await startApiServer(t, [NODES]);
  for (const one of stored) cluster.put(NODES, one);
  const { log } = recordingLog();
  const seen = { synced: 0 };
  const options = { ...cluster, log, onSynced: () => void seen.synced++, onContact() {}, waitMs };
  const start = () => followNodes(options);
  return { ...cluster, seen, start };
}

async function synced(t: Test, stored: Stored[]) {
  const cluster = await startNodes(t, stored);
  const nodes = cluster.start();
  await until(() => cluster.seen.synced > 0 && cluster.watching(NODES));
  return { ...cluster, ...nodes };
}

const NEW = 'v1.35.2-eks-1a2b3c';
const OLD = 'v1.34.9-eks-1a2b3c';

const clusters: [sentence: string, stored: Stored[], everyNode: boolean][] = [
  ['no node', [], false],
  ['new kubelets', [node('a', NEW), node('b', 'v1.36.0')], true],
  ['one older kubelet on a later page', [node('a', NEW), node('b', NEW), node('c', OLD)], false],
  ['an older kubelet on Windows', [node('a', NEW), node('b', OLD, { operatingSystem: 'windows' })], true],
  ['Windows only', [node('b', NEW, { operatingSystem: 'windows' })], false],
  ['a kubelet that tells no version', [node('a', NEW), node('b', '')], false],
  ['a node whose kubelet has told nothing yet', [node('a', NEW), { metadata: { name: 'b' } }], false],
];
for (const [sentence, stored, expected] of clusters) {
  t.test(`with ${sentence}, every node delivers variables: ${expected}`, async (t) => {
    t.equal((await synced(t, stored)).everyNode(), expected);
  });
}

t.test('follows nodes that come, are upgraded, and go', async (t) => {
  const { everyNode, put, remove } = await synced(t, [node('a', NEW)]);
  put(NODES, node('b', OLD));
  await until(() => !everyNode());
  put(NODES, node('b', NEW));
  await until(() => everyNode());
  put(NODES, node('c', OLD));
  await until(() => !everyNode());
  remove(NODES, node('c', OLD));
  await until(() => everyNode());
  t.ok(everyNode());
});

t.test('still knows the nodes and the region while the API server fails', async (t) => {
  const { everyNode, region, state, endWatches } = await synced(t, [node('a', NEW, { region: 'eu-west-3' })]);
  state.fault = () => 503;
  endWatches('destroy');
  t.ok(everyNode());
  t.equal(await region(), 'eu-west-3');
});

t.test('takes the region from any node that says it, for ever', async (t) => {
  const { region, count, remove } = await synced(t, [node('a', NEW), node('b', NEW, { region: 'eu-west-3' })]);
  t.same(await Promise.all([region(), region()]), ['eu-west-3', 'eu-west-3']);
  remove(NODES, node('b', NEW, { region: 'eu-west-3' }));
  t.equal(await region(), 'eu-west-3');
  t.equal(count('list', NODES), 1);
});

t.test('knows the region after the first page of a long list', async (t) => {
  const { start, state } = await startNodes(t, [
    node('a', NEW, { region: 'eu-west-3' }),
    node('b', NEW),
    node('c', NEW),
  ]);
  let pages = 0;
  state.fault = ({ kind }) => (kind === 'list' && ++pages > 1 ? 'hang' : undefined);
  t.equal(await start().region(), 'eu-west-3');
});

t.test('has no region where no node says one, until one does', async (t) => {
  const { region, put } = await synced(t, [node('a', NEW)]);
  t.equal(await region(), undefined);
  put(NODES, node('b', NEW, { region: 'eu-west-3' }));
  await until(region);
  t.equal(await region(), 'eu-west-3');
});

t.test('does not take silence for a cluster without a region', async (t) => {
  const { start, state } = await startNodes(t, [node('a', NEW, { region: 'eu-west-3' })], 50);
  state.fault = () => 'hang';
  const { region } = start();
  await t.rejects(region(), { message: /not listed its nodes/ });
});

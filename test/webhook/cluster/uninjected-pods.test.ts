/** Pods that declare secrets and run without the container, found in the metadata of a cluster in memory. */
import t, { type Test } from 'tap';
import { injectedWithWarnings, podEvents, UNINJECTED } from '../../../webhook/cluster/pod-events.ts';
import { createFindings, isUninjected, type Subject } from '../../../webhook/cluster/uninjected.ts';
import { findUninjectedPods } from '../../../webhook/cluster/uninjected-pods.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import {
  EVENTS,
  NAMESPACES,
  PODS,
  recordingLog,
  type Stored,
  startApiServer,
  until,
} from '../../kubernetes/api-server.ts';

const FILES = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };
const INJECTED = { ...FILES, 'aws-secrets-injector.dev/status': 'injected' };

function pod(name: string, annotations: Record<string, string> = FILES, namespace = 'shop'): Stored {
  const metadata = { name, namespace, uid: `uid-of-${namespace}-${name}`, annotations };
  return { metadata, spec: { containers: [{ name: 'app', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] } };
}

function namespace(name: string, exempt?: string): Stored {
  return { metadata: { name, labels: exempt === undefined ? {} : { 'aws-secrets-injector.dev/exempt': exempt } } };
}

async function start(t: Test, pods: Stored[], namespaces: Stored[] = [namespace('shop')]) {
  const cluster = await startApiServer(t, [PODS, NAMESPACES, EVENTS]);
  for (const one of pods) cluster.put(PODS, one);
  for (const one of namespaces) cluster.put(NAMESPACES, one);
  const { log, lines } = recordingLog();
  const seen = { counts: [] as number[], found: [] as string[], synced: [] as string[] };
  const find = (tell: ReturnType<typeof podEvents> = () => {}) =>
    findUninjectedPods({
      ...cluster,
      log,
      namespace: 'injector',
      onCount: (count) => void seen.counts.push(count),
      onFound(found) {
        seen.found.push(found.name);
        tell(found, UNINJECTED);
      },
      onWarned: (pod, warnings) => tell(pod, injectedWithWarnings(warnings)),
      onSynced: (cache) => void seen.synced.push(cache),
      onContact() {},
    });
  return { ...cluster, log, lines, seen, find, last: () => seen.counts.at(-1) };
}

async function found(t: Test, pods: Stored[], namespaces?: Stored[]) {
  const cluster = await start(t, pods, namespaces);
  cluster.find();
  await until(() => cluster.seen.synced.length === 2 && cluster.watching(PODS) && cluster.watching(NAMESPACES));
  return cluster;
}

const judged: [sentence: string, metadata: Parameters<typeof isUninjected>[0], expected: boolean][] = [
  ['declares, and says nothing of an injection', { annotations: FILES }, true],
  ['has a status', { annotations: INJECTED }, false],
  ['declares nothing', { annotations: { app: 'shop' } }, false],
  ['has no annotations', {}, false],
  ['is switched off', { annotations: { ...FILES, 'aws-secrets-injector.dev/inject': 'false' } }, false],
  ['says only how', { annotations: { 'aws-secrets-injector.dev/region': 'eu-west-1' } }, false],
  [
    'mirrors a static pod of its node',
    {
      annotations: { ...FILES, 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: [{ kind: 'Node' }],
    },
    false,
  ],
  ['claims to mirror a static pod', { annotations: { ...FILES, 'kubernetes.io/config.mirror': 'x' } }, true],
  ['is being deleted', { annotations: FILES, deletionTimestamp: '2026-11-21T12:00:00Z' }, false],
];
for (const [sentence, metadata, expected] of judged) {
  t.test(`a pod that ${sentence} is ${expected ? '' : 'not '}one that misses its secrets`, async (t) => {
    t.equal(isUninjected(metadata), expected);
  });
}

t.test('finds them on all pages of the list', async (t) => {
  const { seen, last } = await found(t, [pod('a'), pod('b', INJECTED), pod('c'), pod('d', {}), pod('e')]);
  t.equal(last(), 3);
  t.same(seen.found, ['a', 'c', 'e']);
});

t.test('asks for metadata only, of pods that have not ended', async (t) => {
  const { calls } = await found(t, [pod('a')]);
  const ofPods = calls.filter(({ path }) => path === PODS);
  t.same(new Set(ofPods.map(({ kind }) => kind)), new Set(['list', 'watch']));
  for (const { kind, query, of } of ofPods) {
    t.notMatch(JSON.stringify(of(pod('a'))), 'hunter2', `a ${kind} brings no pod`);
    t.equal(query.get('fieldSelector'), 'status.phase!=Succeeded,status.phase!=Failed');
  }
});

t.test('follows what comes and goes', async (t) => {
  const { put, remove, last, seen } = await found(t, [pod('a')]);
  put(PODS, pod('b'));
  put(PODS, pod('c', INJECTED));
  await until(() => last() === 2);
  remove(PODS, pod('a'));
  await until(() => last() === 1);
  t.same(seen.found, ['a', 'b']);
});

t.test('tells of a pod once, whatever changes of it, and of one of the same name again', async (t) => {
  const { put, remove, last, seen } = await found(t, [pod('a')]);
  put(PODS, pod('a', { ...FILES, note: 'changed' }));
  const again = pod('a');
  put(PODS, { ...again, metadata: { ...again.metadata, uid: 'another' } });
  await until(() => seen.found.length === 2);
  remove(PODS, again);
  await until(() => last() === 0);
  t.same(seen.found, ['a', 'a']);
});

t.test('tells of no pod twice after a new list', async (t) => {
  const { forget, endWatches, seen, slip } = await found(t, [pod('a')]);
  slip(PODS, pod('b'));
  forget();
  endWatches('destroy');
  await until(() => seen.found.includes('b'));
  t.same(seen.found, ['a', 'b']);
});

t.test('leaves out exempt namespaces, for as long as they are', async (t) => {
  const pods = ['kube-system', 'injector', 'lab', 'shop'].map((name) => pod(`in-${name}`, FILES, name));
  const namespaces = ['kube-system', 'injector', 'shop'].map((name) => namespace(name));
  const { seen, last, put } = await found(t, pods, [...namespaces, namespace('lab', 'true')]);
  t.same(seen.found, ['in-shop']);
  put(NAMESPACES, namespace('lab', 'false'));
  await until(() => last() === 2);
  put(NAMESPACES, namespace('lab', 'true'));
  await until(() => last() === 1);
  t.same(seen.found, ['in-shop', 'in-lab']);
});

t.test('says nothing before the exempt namespaces are known', async (t) => {
  const cluster = await start(t, [pod('a')]);
  cluster.state.fault = ({ path }) => (path === NAMESPACES ? 500 : undefined);
  cluster.find();
  await until(() => cluster.watching(PODS));
  t.same(cluster.seen, { counts: [], found: [], synced: ['pods'] });
});

t.test('counts one by one what a new list counts at once', (t) => {
  const counts: number[] = [];
  const listener = { onCount: (count: number) => void counts.push(count), onFound: () => {} };
  const findings = createFindings(listener);
  findings.pods([]);
  findings.exemptNamespaces(['lab']);
  const there = new Map<string, Subject>();
  for (let each = 0; each < 500; each++) {
    const name = `p${(each * 7) % 11}`;
    const subject = { name, namespace: each % 3 === 0 ? 'lab' : 'shop', uid: `${name}-${each % 5}` };
    const key = `${subject.namespace}/${name}`;
    const isFound = each % 4 !== 1;
    findings.pod(subject, isFound);
    if (isFound) there.set(key, subject);
    else there.delete(key);
    if (each % 100 === 50) findings.namespace('lab', each % 200 !== 50);
  }
  const oneByOne = counts.at(-1);
  findings.pods([...there.values()]);
  t.equal(counts.at(-1), oneByOne);
  t.ok(oneByOne);
  t.end();
});

t.test('makes one event of a pod, with which all replicas agree', async (t) => {
  const cluster = await start(t, [pod('a'), pod('b')]);
  const now = () => new Date('2026-11-21T12:00:00Z');
  for (const _replica of [1, 2]) cluster.find(podEvents({ ...cluster, now }));
  await until(() => cluster.calls.filter(({ kind }) => kind === 'create').length === 4);
  await until(() => cluster.stored(EVENTS).length > 1);
  const events = cluster.stored(EVENTS);
  t.equal(events.length, 2);
  t.match(events[0], {
    metadata: { namespace: 'shop' },
    involvedObject: { kind: 'Pod', name: 'a', uid: 'uid-of-shop-a' },
    type: 'Warning',
    reason: 'SecretsNotInjected',
    message:
      /without the init container that fetches them, as the webhook was not asked\. Check that its MutatingWebhookConfiguration exists, and then delete the pod: its controller makes a new one\.$/,
    firstTimestamp: /^2026-11-21T12:00:00/,
  });
  t.same(cluster.lines, [], 'an event that is there already is nothing to speak of');
});

t.test('makes one event of a new pod that was injected with warnings, and none of an old one', async (t) => {
  const status = { ...FILES, 'aws-secrets-injector.dev/status': 'injected; warnings: container "app" keeps its own A' };
  const made = (name: string, creationTimestamp: string): Stored => {
    const one = pod(name, status);
    return { ...one, metadata: { ...one.metadata, creationTimestamp } };
  };
  const now = new Date().toISOString();
  const cluster = await start(t, [made('new', now), made('old', '2026-01-01T00:00:00Z'), pod('quiet', INJECTED)]);
  cluster.find(podEvents(cluster));
  await until(() => cluster.watching(PODS) && cluster.stored(EVENTS).length === 1);
  cluster.put(PODS, made('new', now));
  cluster.put(PODS, made('later', now));
  await until(() => cluster.stored(EVENTS).length === 2);
  t.match(cluster.stored(EVENTS), [
    {
      metadata: { name: 'injected-with-warnings.uid-of-shop-new' },
      involvedObject: { kind: 'Pod', name: 'new' },
      reason: 'SecretsInjectedWithWarnings',
      message: 'The pod was injected, with warnings: container "app" keeps its own A',
    },
    { involvedObject: { name: 'later' } },
  ]);
  t.equal(cluster.calls.filter(({ kind }) => kind === 'create').length, 2, 'a change of it makes no other');
});

t.test('an event that can not be made is logged, and the next one is made', async (t) => {
  const cluster = await start(t, [pod('a'), pod('b')]);
  let times = 0;
  cluster.state.fault = ({ kind }) => (kind === 'create' && ++times === 1 ? 403 : undefined);
  cluster.find(podEvents(cluster));
  await until(() => cluster.stored(EVENTS).length === 1);
  t.same(cluster.lines, ['warn Could not make an event']);
});

t.test('the gauge is there only where somebody looks', async (t) => {
  const metrics = createMetrics('test');
  t.notMatch(await metrics.registry.metrics(), /uninjected_pods/);
  metrics.uninjectedPods(0);
  t.match(await metrics.registry.metrics(), /aws_secrets_injector_uninjected_pods 0/);
});

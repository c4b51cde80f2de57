/** The SecretProviderClasses' cache, where the resource is there, comes, goes, or only exists in its old version. */
import t, { type Test } from 'tap';
import { providerClasses } from '../../../webhook/cluster/secret-provider-classes.ts';
import { createLiveReads } from '../../../webhook/kubernetes/live-reads.ts';
import { CLASSES, OLD_CLASSES, recordingLog, type Stored, startApiServer, until } from '../../kubernetes/api-server.ts';

const CACHED = false;
const LIVE = true;

function providerClass(name: string, region = 'eu-west-1'): Stored {
  return {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: { namespace: 'shop', name, annotations: { note: 'left out' } },
    spec: { provider: 'aws', parameters: { region, objects: '- objectName: a' } },
    status: { byPod: [] },
  };
}

function trimmed(region = 'eu-west-1') {
  return { provider: 'aws', parameters: { region, objects: '- objectName: a' }, secretObjects: [] };
}

async function startClasses(t: Test, collections: string[], stored: Stored[] = []) {
  const cluster = await startApiServer(t, collections);
  const [path = CLASSES] = collections;
  for (const one of stored) cluster.put(path, one);
  const seen = { synced: 0, contacts: 0 };
  const { log, lines } = recordingLog();
  const classOf = providerClasses({
    ...cluster,
    live: createLiveReads(cluster.kubeConfig),
    log,
    absentMs: 20,
    onSynced: () => void seen.synced++,
    onContact: () => void seen.contacts++,
  });
  await until(() => seen.synced > 0 && (collections.length === 0 || cluster.watching(path)));
  const reads = () => cluster.calls.filter(({ kind }) => kind === 'get').length;
  return { ...cluster, classOf, seen, lines, reads };
}

t.test('keeps what is read of a class, and no more, without asking again', async (t) => {
  const { classOf, reads } = await startClasses(
    t,
    [CLASSES],
    ['a', 'b', 'c'].map((name) => providerClass(name)),
  );
  for (const name of ['a', 'b', 'c']) t.strictSame(await classOf('shop', name, CACHED), trimmed());
  t.equal(reads(), 0);
});

t.test('keeps the Secrets that the driver would make', async (t) => {
  const data = [{ objectName: 'db', key: 'password' }];
  const secret = { secretName: 'app', type: 'Opaque', data, labels: { a: 'b' } };
  const object = providerClass('a');
  const spec = { provider: 'aws', secretObjects: [{ ...secret, more: 'x' }, { secretName: 'no-data' }] };
  const { classOf } = await startClasses(t, [CLASSES], [{ ...object, spec }]);
  t.strictSame(await classOf('shop', 'a', CACHED), {
    provider: 'aws',
    parameters: {},
    secretObjects: [secret, { secretName: 'no-data', type: '', data: [] }],
  });
});

t.test("keeps of another provider's class only whose it is", async (t) => {
  const object = providerClass('a');
  const secretObjects = [{ secretName: 'app', type: 'Opaque', data: [{ objectName: 'db', key: 'password' }] }];
  const spec = { provider: 'vault', parameters: { objects: 'x'.repeat(1000) }, secretObjects };
  const { classOf, put } = await startClasses(t, [CLASSES], [{ ...object, spec }]);
  t.strictSame(await classOf('shop', 'a', CACHED), { provider: 'vault', parameters: {}, secretObjects: [] });
  t.strictSame(await classOf('shop', 'a', LIVE), { ...spec }, 'which a refusal is written from');
  put(CLASSES, providerClass('a'));
  await until(async () => (await classOf('shop', 'a', CACHED))?.provider === 'aws');
  put(CLASSES, { ...object, spec });
  await until(async () => (await classOf('shop', 'a', CACHED))?.provider === 'vault');
  t.strictSame(await classOf('shop', 'a', CACHED), { provider: 'vault', parameters: {}, secretObjects: [] });
});

t.test('says of a class without a provider that it has none', async (t) => {
  const { classOf } = await startClasses(t, [CLASSES], [{ ...providerClass('a'), spec: { parameters: null } }]);
  t.strictSame(await classOf('shop', 'a', CACHED), { parameters: {}, secretObjects: [] });
});

t.test('follows edits and deletions', async (t) => {
  const { classOf, put, remove } = await startClasses(t, [CLASSES], [providerClass('a'), providerClass('gone')]);
  put(CLASSES, providerClass('a', 'eu-west-2'));
  remove(CLASSES, providerClass('gone'));
  await until(async () => (await classOf('shop', 'a', CACHED))?.parameters['region'] === 'eu-west-2');
  await until(async () => (await classOf('shop', 'gone', CACHED)) === undefined);
});

t.test('reads a class that it does not know, once', async (t) => {
  const { classOf, slip, reads, state } = await startClasses(t, [CLASSES]);
  slip(CLASSES, providerClass('new'));
  t.strictSame(await classOf('shop', 'new', CACHED), trimmed());
  t.equal(await classOf('shop', 'none', CACHED), undefined);
  t.equal(reads(), 2);
  state.fault = ({ kind }) => (kind === 'get' ? 403 : undefined);
  await t.rejects(classOf('shop', 'other', CACHED), 'unknown is not the same as none');
});

t.test('reads live on demand, whatever the cache holds', async (t) => {
  const { classOf, slip } = await startClasses(t, [CLASSES], [providerClass('a')]);
  slip(CLASSES, providerClass('a', 'eu-west-2'));
  t.strictSame(await classOf('shop', 'a', CACHED), trimmed());
  t.strictSame(await classOf('shop', 'a', LIVE), trimmed('eu-west-2'));
});

t.test('believes no earlier answer about a class that has changed since', async (t) => {
  const { classOf, put, seen } = await startClasses(t, [CLASSES]);
  t.equal(await classOf('shop', 'new', LIVE), undefined);
  const before = seen.contacts;
  put(CLASSES, providerClass('new'));
  await until(() => seen.contacts > before);
  t.strictSame(await classOf('shop', 'new', LIVE), trimmed());
});

t.test('asks a cluster without the resource once for all classes', async (t) => {
  const { classOf, calls } = await startClasses(t, []);
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => classOf('shop', name, LIVE)));
  t.same(answers, [undefined, undefined, undefined]);
  const asked = calls.filter(({ path }) => path !== CLASSES && path !== OLD_CLASSES);
  t.same(
    asked.map(({ path }) => path),
    ['/apis/secrets-store.csi.x-k8s.io'],
  );
});

t.test('asks for no name that no class can have', async (t) => {
  const { classOf, reads, calls } = await startClasses(t, [CLASSES]);
  const before = calls.length;
  for (const name of ['', '..', '.', 'A', '../../shop', 'a?b']) t.equal(await classOf('shop', name, LIVE), undefined);
  t.equal(reads(), 0);
  t.equal(calls.length, before);
});

t.test('a cluster without the resource has no classes, and one line of the log reports it', async (t) => {
  const { classOf, lines, count } = await startClasses(t, []);
  await until(() => count('list', CLASSES) > 3);
  t.equal(await classOf('shop', 'a', CACHED), undefined);
  t.equal(await classOf('shop', 'a', LIVE), undefined);
  t.same(lines, ['info The cluster has no SecretProviderClasses (yet)']);
});

t.test('a class of a resource that was installed a moment ago is read live', async (t) => {
  const { classOf, install, put, state } = await startClasses(t, []);
  state.fault = ({ kind }) => (kind === 'list' ? 500 : undefined);
  install(CLASSES);
  put(CLASSES, providerClass('a'));
  t.strictSame(await classOf('shop', 'a', CACHED), trimmed());
});

t.test('the resource may be installed, removed and installed again: a line each', async (t) => {
  const { classOf, install, uninstall, put, watching, lines, reads } = await startClasses(t, []);
  for (const region of ['eu-west-1', 'eu-west-2']) {
    install(CLASSES);
    await until(() => watching(CLASSES));
    put(CLASSES, providerClass('a', region));
    await until(async () => (await classOf('shop', 'a', CACHED))?.parameters['region'] === region);
    const before = reads();
    await classOf('shop', 'a', CACHED);
    t.equal(reads(), before, 'from the cache');
    uninstall(CLASSES);
    const logged = lines.length;
    await until(() => lines.length > logged);
    t.equal(await classOf('shop', 'a', CACHED), undefined);
  }
  const [none, reading] = [
    'info The cluster has no SecretProviderClasses (yet)',
    'info Reading the SecretProviderClasses of the cluster',
  ];
  t.same(lines, [none, reading, none, reading, none]);
});

t.test('reads the old version where only that is served', async (t) => {
  const { classOf, slip, put } = await startClasses(t, [OLD_CLASSES], [providerClass('a')]);
  t.strictSame(await classOf('shop', 'a', CACHED), trimmed());
  put(OLD_CLASSES, providerClass('b'));
  slip(OLD_CLASSES, providerClass('c', 'eu-west-2'));
  t.strictSame(await classOf('shop', 'b', LIVE), trimmed());
  t.strictSame(await classOf('shop', 'c', CACHED), trimmed('eu-west-2'));
});

t.test('still knows what it knew while the API server fails', async (t) => {
  const { classOf, state, endWatches } = await startClasses(t, [CLASSES], [providerClass('a')]);
  state.fault = () => 503;
  endWatches('destroy');
  t.strictSame(await classOf('shop', 'a', CACHED), trimmed());
  await t.rejects(classOf('shop', 'a', LIVE));
});

t.test('a read that hangs holds up no other', async (t) => {
  const { classOf, state, slip } = await startClasses(t, [CLASSES]);
  slip(CLASSES, providerClass('b'));
  state.fault = ({ path }) => (path.endsWith('/a') ? 'hang' : undefined);
  const hanging = classOf('shop', 'a', CACHED);
  t.strictSame(await classOf('shop', 'b', CACHED), trimmed());
  await t.rejects(hanging, { name: 'TimeoutError' });
});

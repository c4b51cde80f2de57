import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { followFolder } from '../../../certs/folder/loop.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { CONFIGURATIONS, until } from '../../kubernetes/api-server.ts';
import { makeVolume, type Volume } from '../support/volume.ts';
import { covers, makeWorld, type Pair, type World, webhookConfiguration } from '../support/world.ts';

const MINUTE = 60_000;
const HOST = 'hook.injector.svc';

type Issued = Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>;

async function issue(authority?: { cert: string; key: string }): Promise<Issued> {
  const ca = authority ?? (await issueAuthority(new Date(), POLICY));
  const leaf = await issueLeaf(new Date(), ca, [HOST], POLICY);
  return { 'tls.crt': leaf.cert, 'tls.key': leaf.key, 'ca.crt': ca.cert };
}

type Way = 'blind' | 'watching' | 'publishing';

/** Starts a replica with this volume. A `blind` one can not read the webhook configuration. */
function start(test: Test, world: World, way: Way, volume: Volume) {
  const stop = new AbortController();
  const served: Pair[] = [];
  const logs: { level: string; message: string }[] = [];
  const write = (level: string) => (_: object, message: string) => void logs.push({ level, message });
  const reported = { kept: [] as boolean[], present: [] as boolean[] };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const running = followFolder({
    directory: volume.directory,
    host: HOST,
    ...(way !== 'blind' && { configuration: { name: 'hook', publishes: way === 'publishing' } }),
    cluster: certificateCluster(world.server.kubeConfig, log),
    log,
    onPair: (pair) => void served.push(pair),
    onKept: (kept) => void reported.kept.push(kept),
    onConfiguration: (present) => void reported.present.push(present),
    signal: stop.signal,
    now: () => world.clock,
    pollMilliseconds: 30,
  });
  test.teardown(async () => {
    stop.abort();
    await running;
  });
  const countLogged = (text: string) => logs.filter(({ message }) => message.includes(text)).length;
  return { served, logs, reported, countLogged };
}

/** A replica that serves from its volume. */
async function makeServing(test: Test, way: Way, files?: Issued) {
  const world = await makeWorld(test);
  const volume = makeVolume(test.testdir({}));
  const issued = files ?? (await issue());
  if (way === 'watching') trust(world, issued['ca.crt']);
  await volume.write(issued);
  const replica = start(test, world, way, volume);
  await until(() => replica.served.length > 0);
  return { world, volume, replica, issued };
}

/** Each of them has looked a few times more. */
async function looks(...replicas: { reported: { present: boolean[] } }[]): Promise<void> {
  const before = replicas.map(({ reported }) => reported.present.length);
  await until(() => replicas.every(({ reported }, index) => reported.present.length > (before[index] ?? 0) + 3));
}

/** Someone else writes the caBundles, as cert-manager does. */
function trust(world: World, bundle: string): void {
  world.server.put(CONFIGURATIONS, webhookConfiguration(Buffer.from(bundle).toString('base64')));
}

function inBundles(world: World, ...authorities: string[]): boolean {
  const sorted = (pems: string[]) => pems.toSorted().join('');
  return world.bundles().every((bundle) => sorted(splitBundle(bundle)) === sorted(authorities.flatMap(splitBundle)));
}

t.test('a new certificate in the folder is served without a restart', async (t) => {
  const { volume, replica, issued } = await makeServing(t, 'blind');
  const renewed = await issue();
  await volume.write(renewed);
  await until(() => replica.served.length > 1);
  t.same(
    replica.served.map(({ cert }) => cert),
    [issued['tls.crt'], renewed['tls.crt']],
  );
});

t.test('a broken Secret keeps the good certificate, says so once, and is left when it is mended', async (t) => {
  const { world, volume, replica, issued } = await makeServing(t, 'watching');
  await volume.write({ ...issued, 'tls.crt': issued['tls.crt'].slice(0, 200) });
  await until(() => replica.countLogged("can't be used: tls.crt") > 0);
  await looks(replica);
  t.equal(replica.countLogged("can't be used"), 1);
  t.same(replica.reported.kept, [true]);
  t.equal(replica.served.length, 1);
  const renewed = await issue();
  trust(world, issued['ca.crt'] + renewed['ca.crt']);
  await volume.write(renewed);
  await until(() => replica.countLogged('waits for its CA to spread') > 0);
  await looks(replica);
  world.clock = new Date(world.clock.getTime() + 10 * MINUTE);
  await until(() => replica.served.length > 1);
  t.equal(replica.served[1]?.cert, renewed['tls.crt']);
  t.same(replica.reported.kept, [true, false]);
});

t.test('plain files that are written one after the other are served when both are there', async (t) => {
  const world = await makeWorld(t);
  const directory = t.testdir({});
  const replica = start(t, world, 'blind', { directory, write: async () => {} });
  const issued = await issue();
  await writeFile(join(directory, 'tls.crt'), issued['tls.crt']);
  await until(() => replica.countLogged('tls.key is missing') > 0);
  t.equal(replica.served.length, 0);
  t.same(replica.reported.kept, [], 'nothing was there to be kept');
  await writeFile(join(directory, 'tls.key'), issued['tls.key']);
  await until(() => replica.served.length > 0);
});

t.test('a certificate waits until the caBundles trust it, and ten minutes more', async (t) => {
  const { world, volume, replica, issued } = await makeServing(t, 'watching');
  const renewed = await issue();
  await volume.write(renewed);
  await until(() => replica.countLogged('waits for its CA to spread') > 0);
  world.clock = new Date(world.clock.getTime() + 30 * MINUTE);
  trust(world, issued['ca.crt'] + renewed['ca.crt']);
  await looks(replica);
  t.equal(replica.served.length, 1);
  world.clock = new Date(world.clock.getTime() + 10 * MINUTE);
  await until(() => replica.served.length > 1);
});

t.test('once the caBundles trust the new CA alone, its certificate is served at once', async (t) => {
  const { world, volume, replica } = await makeServing(t, 'watching');
  const renewed = await issue();
  await volume.write(renewed);
  trust(world, renewed['ca.crt']);
  await until(() => replica.served.length > 1);
  t.ok(covers(world.bundles()[0] ?? '', replica.served[1]?.cert ?? ''));
});

t.test('a certificate of the same CA does not wait', async (t) => {
  const authority = await issueAuthority(new Date(), POLICY);
  const { volume, replica } = await makeServing(t, 'watching', await issue(authority));
  await volume.write(await issue(authority));
  await until(() => replica.served.length > 1);
  t.equal(replica.countLogged('waits for'), 0);
});

t.test('a certificate that no caBundle trusts is served, and that is logged', async (t) => {
  const world = await makeWorld(t);
  const volume = makeVolume(t.testdir({}));
  await volume.write(await issue());
  const replica = start(t, world, 'watching', volume);
  await until(() => replica.served.length > 0 && replica.countLogged('trusts no CA of the certificate') > 0);
  t.same(world.bundles(), ['', ''], 'and the configuration is only looked at');
});

t.test('the provided CA is published, and nothing is served before', async (t) => {
  const world = await makeWorld(t);
  world.server.state.fault = ({ kind }) => (kind === 'patch' ? 403 : undefined);
  const volume = makeVolume(t.testdir({}));
  const issued = await issue();
  await volume.write(issued);
  const replica = start(t, world, 'publishing', volume);
  await until(() => replica.countLogged('Could not keep the certificates right') > 0);
  t.equal(replica.served.length, 0);
  world.server.state.fault = undefined;
  await until(() => replica.served.length > 0);
  t.ok(inBundles(world, issued['ca.crt']));
});

t.test(
  'another provided CA is published beside the old one, signs after ten minutes, and is alone later',
  async (t) => {
    const { world, volume, replica, issued } = await makeServing(t, 'publishing');
    const late = makeVolume(join(volume.directory, 'late'));
    await mkdir(late.directory);
    await late.write(issued);
    const lateReplica = start(t, world, 'publishing', late);
    await until(() => lateReplica.served.length > 0);
    const renewed = await issue();
    await volume.write(renewed);
    await until(() => inBundles(world, issued['ca.crt'], renewed['ca.crt']));
    await looks(replica, lateReplica);
    world.clock = new Date(world.clock.getTime() + 10 * MINUTE);
    await until(() => replica.served.length > 1);
    t.ok(inBundles(world, issued['ca.crt'], renewed['ca.crt']), 'a replica whose volume is behind serves on');
    await late.write(renewed);
    await until(() => lateReplica.served.length > 1);
    await looks(replica, lateReplica);
    world.clock = new Date(world.clock.getTime() + 60 * MINUTE);
    await until(() => inBundles(world, renewed['ca.crt']));
  },
);

for (const [what, bundle] of Object.entries({ emptied: '', 'overwritten with text': 'no certificate' })) {
  t.test(`a caBundle that someone ${what} gets the provided CA again`, async (t) => {
    const { world, volume, issued } = await makeServing(t, 'publishing');
    await volume.write({});
    trust(world, bundle);
    await until(() => inBundles(world, issued['ca.crt']));
    t.pass('though the Secret is gone by now');
  });
}

t.test('a webhook configuration that is deleted and installed again gets the provided CA', async (t) => {
  const { world, replica, issued } = await makeServing(t, 'publishing');
  world.server.remove(CONFIGURATIONS, webhookConfiguration());
  await until(() => replica.countLogged('There is no MutatingWebhookConfiguration hook') > 0);
  t.equal(replica.reported.present.at(-1), false);
  t.equal(world.server.get(CONFIGURATIONS, 'hook'), undefined, 'nobody makes it again');
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  await until(() => inBundles(world, issued['ca.crt']));
  await until(() => replica.reported.present.at(-1) === true);
  t.equal(replica.served.length, 1);
});

t.test('an API server that fails keeps no new certificate out', async (t) => {
  const world = await makeWorld(t);
  world.server.state.fault = () => 503;
  const volume = makeVolume(t.testdir({}));
  await volume.write(await issue());
  const replica = start(t, world, 'watching', volume);
  await until(() => replica.served.length > 0);
  t.pass('served');
});

t.test('a certificate that ended is not served, and one that follows is', async (t) => {
  const { world, volume, replica } = await makeServing(t, 'blind');
  world.clock = new Date(world.clock.getTime() + POLICY.leafLifetime + MINUTE);
  await until(() => replica.countLogged('the certificate ended on') > 0);
  world.clock = new Date();
  const renewed = await issue();
  await volume.write(renewed);
  await until(() => replica.served.at(-1)?.cert === renewed['tls.crt']);
  t.same(replica.reported.kept, [true, false]);
});

t.test('private keys are in no log', async (t) => {
  const { volume, replica, issued } = await makeServing(t, 'publishing');
  await volume.write({ ...issued, 'tls.crt': (await issue())['tls.crt'] });
  await until(() => replica.countLogged("can't be used") > 0);
  t.notOk(JSON.stringify(replica.logs).includes(issued['tls.key'].split('\n')[1] ?? ''));
});

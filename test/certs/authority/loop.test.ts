import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { manageCertificates } from '../../../certs/authority/loop.ts';
import type { Cluster } from '../../../certs/host.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { CONFIGURATIONS, SECRETS, until } from '../../kubernetes/api-server.ts';
import { base64, looks, makeServing, tamper } from '../support/replica.ts';
import { covers, emptySecret, makeWorld, NAMES, webhookConfiguration } from '../support/world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

t.test(
  'a first install makes a CA, publishes it in every webhook, and serves a certificate for the Service',
  async (t) => {
    const { world, replica } = await makeServing(t);
    const leaf = new X509Certificate(replica.served[0]?.cert ?? '');
    t.ok(leaf.checkHost('hook.injector.svc'));
    t.same(world.bundles(), [world.secret()['ca.crt'], world.secret()['ca.crt']]);
    t.ok(covers(world.bundles()[0] ?? '', leaf.toString()));
    t.same(replica.served[0]?.notAfter, leaf.validToDate);
    t.same(world.uncovered, []);
  },
);

t.test('nothing of the Secret changes but its data', async (t) => {
  const { world } = await makeServing(t);
  const { data, ...secret } = world.server.get(SECRETS, NAMES.secretName) ?? { metadata: { name: '' } };
  t.match(secret, emptySecret());
  t.notOk('ownerReferences' in secret.metadata, 'it belongs to whoever installed it');
  t.ok(data);
});

t.test(
  'a deleted Secret is not made again: the certificate in memory is kept, and the log says what to do',
  async (t) => {
    const { world, replica } = await makeServing(t);
    world.server.remove(SECRETS, emptySecret());
    await until(() => replica.keeps);
    await looks(world, 5);
    t.equal(world.server.get(SECRETS, NAMES.secretName), undefined);
    t.equal(replica.served.length, 1);
    const warnings = replica.logs.filter(({ level }) => level === 'warn').map(({ message }) => message);
    t.equal(warnings.length, 1, 'once');
    t.match(warnings[0], /no Secret injector-tls.*`kubectl create secret generic injector-tls -n injector`/);
    t.equal(replica.logs.filter(({ level }) => level === 'error').length, 0);
    t.same(world.uncovered, []);
  },
);

t.test('a replica that starts without the Secret serves nothing until somebody makes it', async (t) => {
  const world = await makeWorld(t);
  world.server.remove(SECRETS, emptySecret());
  const replica = world.start();
  await until(() => replica.logs.some(({ message }) => message.includes('no Secret injector-tls')));
  t.equal(replica.served.length, 0);
  t.equal(replica.keeps, false, 'as there is nothing to keep');
  world.server.put(SECRETS, emptySecret());
  await until(() => replica.served.length > 0);
  t.same(world.uncovered, []);
});

t.test('a restarted replica serves what is there and writes nothing', async (t) => {
  const { world, replica } = await makeServing(t);
  await replica.stop();
  const writesBefore = world.server.calls.filter(({ kind }) => kind === 'replace' || kind === 'patch').length;
  const second = world.start();
  await until(() => second.served.length > 0);
  t.equal(second.served[0]?.cert, replica.served[0]?.cert);
  t.equal(world.server.calls.filter(({ kind }) => kind === 'replace' || kind === 'patch').length, writesBefore);
});

t.test(
  'a Secret that was deleted and installed again is filled, and the certificate in memory serves until the new CA has spread',
  async (t) => {
    const { world, replica } = await makeServing(t);
    const oldCa = world.secret()['ca.crt'] ?? '';
    world.remakeSecret();
    await until(() => replica.logs.some(({ message }) => message.includes('waits for its CA to spread')));
    t.not(world.secret()['ca.crt'], oldCa);
    t.ok(world.bundles().every((bundle) => bundle.includes(oldCa)));
    world.clock = new Date(world.clock.getTime() + 9.9 * MINUTE);
    await looks(world, 5);
    t.equal(replica.served.length, 1, 'not before ten minutes');
    world.clock = new Date(world.clock.getTime() + 0.1 * MINUTE);
    await until(() => replica.served.length > 1);
    t.equal(replica.served[1]?.cert, world.secret()['tls.crt']);
    t.equal(replica.logs.filter(({ message }) => message.includes('waits for')).length, 1, 'which is logged once');
    t.same(world.uncovered, []);
  },
);

t.test('a replica that has no certificate in memory does not wait for the new CA to spread', async (t) => {
  const { world, replica } = await makeServing(t);
  await replica.stop();
  world.remakeSecret();
  const second = world.start();
  await until(() => second.served.length > 0);
  t.same(world.uncovered, []);
});

t.test('a certificate in memory that nears its end does not wait for the new CA to spread', async (t) => {
  const world = await makeWorld(t);
  const replica = world.start({ policy: { ...POLICY, leafLifetime: 6 * MINUTE } });
  await until(() => replica.served.length > 0);
  world.remakeSecret();
  await until(() => replica.logs.some(({ message }) => message.includes('waits for its CA to spread')));
  world.clock = new Date(world.clock.getTime() + 4 * MINUTE);
  await looks(world, 5);
  t.equal(replica.served.length, 1);
  world.clock = new Date(world.clock.getTime() + 1.5 * MINUTE);
  await until(() => replica.served.length > 1);
  t.ok((replica.served.at(-1)?.notAfter ?? 0) > world.clock);
});

t.test('a caBundle that lost the CA of the certificate in memory is no reason to keep it', async (t) => {
  const { world, replica } = await makeServing(t);
  world.server.state.fault = ({ kind }) => (kind === 'get' ? 503 : undefined);
  // A look that has read the old caBundle and finds no Secret would keep what that trusts.
  await until(() => replica.logs.some(({ level }) => level === 'error'));
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  world.remakeSecret();
  world.server.state.fault = undefined;
  await until(() => replica.served.length > 1);
  t.equal(replica.served[1]?.cert, world.secret()['tls.crt']);
});

for (const [what, data] of Object.entries({
  'without its key': { 'tls.key': undefined },
  'with an empty certificate': { 'tls.crt': '' },
  'with text for a certificate': { 'tls.crt': 'half-writ' },
  'without a CA': { 'ca.crt': undefined, 'ca.key': undefined },
  'with nothing at all': { 'tls.crt': '', 'tls.key': '', 'ca.crt': '', 'ca.key': '' },
})) {
  t.test(`a Secret ${what} is put right, and the good pair is kept meanwhile`, async (t) => {
    const { world, replica } = await makeServing(t);
    tamper(world, data);
    const good = () => world.secret()['tls.crt']?.startsWith('-----BEGIN CERT') && 'ca.key' in world.secret();
    await until(() => good() === true && world.secret()['tls.crt'] !== replica.served[0]?.cert);
    t.equal(replica.kept, 1, 'which is counted once');
    world.clock = new Date(world.clock.getTime() + 10 * MINUTE);
    await until(() => replica.served.at(-1)?.cert === world.secret()['tls.crt']);
    t.ok(replica.served.every(({ cert, key }) => cert.includes('CERTIFICATE') && key.includes('PRIVATE KEY')));
    t.equal(replica.keeps, false, 'which is over');
    t.ok(replica.logs.some(({ level, message }) => level === 'warn' && message.includes('broken content')));
    t.same(world.uncovered, []);
  });
}

t.test('a lost CA key is followed by a new CA after the overlap, while the certificate stays', async (t) => {
  const { world, replica } = await makeServing(t);
  tamper(world, { 'ca.key': 'gone' });
  await until(() => 'next-ca.published' in world.secret());
  t.equal(replica.served.length, 1);
  world.clock = new Date(world.clock.getTime() + 10 * MINUTE);
  await until(() => replica.served.length === 2);
  t.same(world.uncovered, []);
});

t.test('other names of the Service get a new certificate from the same CA', async (t) => {
  const { world, replica } = await makeServing(t);
  const authority = world.secret()['ca.crt'];
  await replica.stop();
  const renamed = world.start({ serviceName: 'other' });
  await until(() => renamed.served.length > 0);
  t.ok(new X509Certificate(renamed.served[0]?.cert ?? '').checkHost('other.injector.svc'));
  t.equal(world.secret()['ca.crt'], authority);
});

t.test('keys of others in the Secret, its labels and its other owners stay', async (t) => {
  const { world, replica } = await makeServing(t);
  const secret = world.server.get(SECRETS, NAMES.secretName);
  if (!secret) throw new Error('no Secret');
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y' };
  const metadata = { ...secret.metadata, labels: { a: 'b' }, ownerReferences: [owner] };
  world.server.put(SECRETS, { ...secret, metadata, data: { ...secret.data, 'tls.crt': '', more: base64('here') } });
  await until(() => replica.served.length > 1);
  t.equal(world.secret()['more'], 'here');
  t.match(world.server.get(SECRETS, NAMES.secretName)?.metadata, {
    labels: { a: 'b' },
    ownerReferences: [owner],
  });
});

t.test('a clock that jumps years ahead finds everything expired and begins anew', async (t) => {
  const { world, replica } = await makeServing(t);
  world.clock = new Date(world.clock.getTime() + 2000 * DAY);
  await until(() => replica.served.length > 1);
  t.equal(splitBundle(world.bundles()[0] ?? '').length, 1);
  t.ok((replica.served[1]?.notAfter ?? 0) > world.clock);
});

t.test('a clock that was years ahead and is put right gets certificates that are valid today', async (t) => {
  const world = await makeWorld(t);
  const today = world.clock;
  world.clock = new Date(today.getTime() + 2000 * DAY);
  const replica = world.start();
  await until(() => replica.served.length > 0);
  world.clock = today;
  await until(() => replica.served.length > 1);
  t.ok(new X509Certificate(replica.served.at(-1)?.cert ?? '').validFromDate <= today);
});

t.test('it ends when its watches have ended, and not before', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const object = () => ({ watch: () => promise });
  const cluster = { secret: object, configuration: object, backoff: () => 0 } as unknown as Cluster;
  const log = { info() {}, warn() {}, error() {} };
  let isOver = false;
  const signal = AbortSignal.abort();
  const running = manageCertificates({ ...NAMES, cluster, signal, log, onPair() {} }).then(() => {
    isOver = true;
  });
  await new Promise((done) => setImmediate(done));
  t.equal(isOver, false);
  resolve();
  await running;
  t.equal(isOver, true);
});

t.test('private keys are in no log', async (t) => {
  const { world, replica } = await makeServing(t);
  tamper(world, { 'tls.crt': '' });
  await until(() => replica.served.length > 1);
  const logs = JSON.stringify(replica.logs);
  t.ok(logs.includes('broken content'));
  for (const { key } of replica.served) t.notOk(logs.includes(key.split('\n')[1] ?? ''));
  t.notOk(logs.includes('PRIVATE KEY'));
});

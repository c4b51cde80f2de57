/** Tests which certificate of a folder is served, and since when. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { issueAuthority } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { until } from '../../kubernetes/api-server.ts';
import { issue, looks, makeServing, start, trust } from '../support/provided.ts';
import { makeVolume } from '../support/volume.ts';
import { covers, makeWorld } from '../support/world.ts';

const MINUTE = 60_000;

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

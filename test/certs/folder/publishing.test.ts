/** Tests that the CA of a provided certificate is written into the webhook configuration, and stays there. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { CONFIGURATIONS, until } from '../../kubernetes/api-server.ts';
import { inBundles, issue, looks, makeServing, start, trust } from '../support/provided.ts';
import { makeVolume } from '../support/volume.ts';
import { makeWorld, webhookConfiguration } from '../support/world.ts';

const MINUTE = 60_000;

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

/** Tests that the caBundle of each webhook has the CA of the Secret, whatever somebody does to it. */
import t from 'tap';
import { CONFIGURATIONS, until } from '../../kubernetes/api-server.ts';
import { base64, looks, makeServing } from '../support/replica.ts';
import { makeWorld, webhookConfiguration } from '../support/world.ts';

for (const [what, caBundle] of Object.entries({
  emptied: '',
  'overwritten with text': base64('not a certificate'),
  'overwritten with half a certificate': base64('-----BEGIN CERTIFICATE-----\nMIIB'),
})) {
  t.test(`a caBundle that someone ${what} is restored in every webhook`, async (t) => {
    const { world } = await makeServing(t);
    world.server.put(CONFIGURATIONS, webhookConfiguration(caBundle));
    await until(() => world.bundles().every((bundle) => bundle === world.secret()['ca.crt']));
    t.pass('restored');
  });
}

t.test('a caBundle keeps no CA of others', async (t) => {
  const { world, replica } = await makeServing(t);
  const other = await makeServing(t);
  world.server.put(CONFIGURATIONS, webhookConfiguration(base64(other.world.bundles()[0] ?? '')));
  await until(() => world.bundles().every((bundle) => bundle === world.secret()['ca.crt']));
  t.equal(replica.served.length, 1);
});

t.test(
  'without a webhook configuration nothing is served, which is logged, and all is well once it exists',
  async (t) => {
    const world = await makeWorld(t);
    world.server.remove(CONFIGURATIONS, webhookConfiguration());
    const replica = world.start();
    await until(() => replica.logs.some(({ message }) => message.includes('no MutatingWebhookConfiguration hook')));
    t.equal(replica.served.length, 0);
    t.equal(world.server.get(CONFIGURATIONS, 'hook'), undefined);
    world.server.put(CONFIGURATIONS, webhookConfiguration());
    await until(() => replica.served.length > 0);
    t.same(world.uncovered, []);
  },
);

t.test('a new replica serves nothing while a caBundle lacks the CA and can not be written', async (t) => {
  const { world, replica } = await makeServing(t);
  await replica.stop();
  world.server.state.fault = ({ kind }) => (kind === 'patch' ? 403 : undefined);
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  const second = world.start();
  await until(() => second.logs.some(({ level }) => level === 'error'));
  t.equal(second.served.length, 0);
  world.server.state.fault = undefined;
  await until(() => second.served.length > 0);
  t.same(world.uncovered, []);
});

t.test('a webhook configuration that is deleted and installed again gets the same CA', async (t) => {
  const { world, replica } = await makeServing(t);
  world.server.remove(CONFIGURATIONS, webhookConfiguration());
  await until(() => replica.logs.some(({ level }) => level === 'warn'));
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  await until(() => world.bundles().every((bundle) => bundle === world.secret()['ca.crt']));
  t.equal(replica.served.length, 1);
});

t.test('each pass reports whether the webhook configuration exists', async (t) => {
  const { world, replica } = await makeServing(t);
  t.equal(replica.configuration, true);
  world.server.remove(CONFIGURATIONS, webhookConfiguration());
  await until(() => replica.configuration === false);
  world.server.put(CONFIGURATIONS, { ...webhookConfiguration(), webhooks: [] });
  await looks(world, 2);
  t.equal(replica.configuration, false, 'nor is one without a webhook');
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  await until(() => replica.configuration === true);
});

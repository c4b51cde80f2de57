/** Tests that the certificate loop goes on when the API server fails, refuses, or ends its watches. */
import t from 'tap';
import { CONFIGURATIONS, until } from '../../kubernetes/api-server.ts';
import { makeServing, tamper } from '../support/replica.ts';
import { makeWorld, webhookConfiguration } from '../support/world.ts';

t.test('a storm of conflicts is outlasted', async (t) => {
  const world = await makeWorld(t);
  let left = 45;
  world.server.state.fault = ({ kind }) => ((kind === 'replace' || kind === 'patch') && left-- > 0 ? 409 : undefined);
  const replica = world.start();
  await until(() => replica.served.length > 0);
  t.ok(left <= 0);
});

t.test('an API server that fails is tried again, and the reason is logged without a secret', async (t) => {
  const world = await makeWorld(t);
  let down = true;
  world.server.state.fault = () => (down ? 503 : undefined);
  const replica = world.start();
  await until(() => replica.logs.filter(({ level }) => level === 'error').length > 1);
  down = false;
  await until(() => replica.served.length > 0);
  t.match(replica.logs.find(({ level }) => level === 'error')?.object, { error: /the API server answered 503/ });
});

t.test('a caBundle that the API server finds invalid is logged with the reason, and tried again', async (t) => {
  const world = await makeWorld(t);
  world.server.state.fault = ({ kind }) => (kind === 'patch' ? 422 : undefined);
  const replica = world.start();
  await until(() => replica.logs.some(({ level }) => level === 'error'));
  t.match(replica.logs.find(({ level }) => level === 'error')?.object, {
    error: 'the API server answered 422: as the test wants it',
  });
  world.server.state.fault = undefined;
  await until(() => replica.served.length > 0);
});

t.test('watches that break are begun again', async (t) => {
  const { world } = await makeServing(t);
  for (const _ of [1, 2, 3]) await until(() => world.server.endWatches('destroy') > 0);
  t.pass('three times');
});

t.test('a watch tells of a change at once, without the next look in its turn', async (t) => {
  const world = await makeWorld(t);
  const replica = world.start({ pollMilliseconds: 3600_000 });
  await until(() => replica.served.length > 0);
  world.server.put(CONFIGURATIONS, webhookConfiguration());
  await until(() => world.bundles().every((bundle) => bundle === world.secret()['ca.crt']));
  tamper(world, { 'tls.crt': '' });
  await until(() => replica.served.length > 1);
  t.pass('both objects');
});

t.test('without watches, polling finds what changed', async (t) => {
  const world = await makeWorld(t);
  world.server.state.fault = ({ kind }) => (kind === 'list' || kind === 'watch' ? 500 : undefined);
  const replica = world.start();
  await until(() => replica.served.length > 0);
  tamper(world, { 'tls.crt': '' });
  await until(() => replica.served.length > 1);
  const lost = replica.logs.filter(({ message }) => message.startsWith('Lost the Kubernetes API'));
  t.equal(new Set(lost.map(({ object }) => JSON.stringify(object))).size, 2);
});

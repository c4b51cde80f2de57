import t from 'tap';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { SECRETS, until } from '../../kubernetes/api-server.ts';
import { makeWorld, NAMES } from '../support/world.ts';

const REPLICAS = 4;
const ROUNDS = 20;

for (let round = 1; round <= ROUNDS; round++) {
  t.test(`replicas that start at once agree on one CA and one certificate, round ${round}`, async (t) => {
    const world = await makeWorld(t);
    const replicas = Array.from({ length: REPLICAS }, () => world.start());
    await until(() => replicas.every(({ served }) => served.length > 0));
    const servedFirst = new Set(replicas.map(({ served }) => served.at(-1)?.cert));
    t.equal(servedFirst.size, 1);
    t.ok(replicas.every(({ served }) => served.length === 1));
    t.same(
      world.bundles().map((bundle) => splitBundle(bundle).length),
      [1, 1],
    );
    t.same(world.uncovered, []);

    world.remakeSecret();
    const spreads = (message: string) => message.includes('waits for its CA to spread');
    await until(() => replicas.every(({ logs }) => logs.some(({ message }) => spreads(message))));
    world.clock = new Date(world.clock.getTime() + POLICY.overlap);
    await until(() => replicas.every(({ served }) => served.at(-1)?.cert === world.secret()['tls.crt']));
    t.same(
      world.bundles().map((bundle) => splitBundle(bundle).length),
      [2, 2],
      'the old CA stays',
    );
    t.same(world.uncovered, []);
    t.same(
      replicas.flatMap(({ logs }) => logs.filter(({ level }) => level === 'error')),
      [],
    );
  });
}

t.test('replicas at rest leave the objects alone', async (t) => {
  const world = await makeWorld(t);
  const replicas = Array.from({ length: REPLICAS }, () => world.start({ pollMilliseconds: 20 }));
  await until(() => replicas.every(({ served }) => served.length > 0));
  const version = world.server.get(SECRETS, NAMES.secretName)?.metadata.resourceVersion;
  const reads = world.server.calls.length;
  await until(() => world.server.calls.length > reads + 100);
  t.equal(world.server.get(SECRETS, NAMES.secretName)?.metadata.resourceVersion, version);
});

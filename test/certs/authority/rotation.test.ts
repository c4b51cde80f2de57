import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import t, { type Test } from 'tap';
import type { Policy } from '../../../certs/authority/lifecycle.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { until } from '../../kubernetes/api-server.ts';
import { makeWorld, type Pair, type Replica, type World } from '../support/world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Lives so short that, at the real present, in which TLS checks them, the certificates of every stage are valid. */
const SHORT: Policy = {
  authorityLifetime: 30 * DAY,
  leafLifetime: 25 * DAY,
  overlap: 10 * MINUTE,
  backdate: 60 * MINUTE,
};
const PRESENT = Date.now();

/** Connects a client that trusts only the bundle to a TLS server with this pair, as the API server does. */
async function handshake(pair: Pair, ca: string): Promise<string> {
  const server = createServer({ cert: pair.cert, key: pair.key });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', servername: 'hook.injector.svc', ca });
  const result = await new Promise<string>((resolve) => {
    socket.on('secureConnect', () => resolve(socket.authorized ? 'authorized' : 'refused'));
    socket.on('error', (error) => resolve(error.message));
  });
  socket.destroy();
  server.close();
  return result;
}

/** Every replica's certificate is accepted by whoever trusts any webhook's caBundle. */
async function everyoneIsTrusted(t: Test, world: World, replicas: Replica[]): Promise<void> {
  for (const { served } of replicas) {
    const pair = served.at(-1);
    if (!pair) throw new Error('a replica serves nothing');
    for (const bundle of world.bundles()) t.equal(await handshake(pair, bundle), 'authorized');
  }
}

function everyoneServes(world: World, replicas: Replica[], count: number): () => boolean {
  return () =>
    replicas.every(({ served }) => served.length === count && served.at(-1)?.cert === world.secret()['tls.crt']);
}

function bundleSizes(world: World): number[] {
  return world.bundles().map((bundle) => splitBundle(bundle).length);
}

t.test('through the renewal of leaf and CA, every served certificate is trusted at each moment', async (t) => {
  const world = await makeWorld(t);
  world.clock = new Date(PRESENT - 20 * DAY);
  const replicas = [1, 2, 3].map(() => world.start({ policy: SHORT }));
  await until(everyoneServes(world, replicas, 1));
  await everyoneIsTrusted(t, world, replicas);
  const firstCa = world.secret()['ca.crt'];

  world.clock = new Date(PRESENT - 3 * DAY);
  await until(everyoneServes(world, replicas, 2));
  t.equal(world.secret()['ca.crt'], firstCa, 'the leaf is renewed by the same CA');
  await everyoneIsTrusted(t, world, replicas);

  world.clock = new Date(PRESENT);
  await until(() => 'next-ca.published' in world.secret());
  // A replica that has not seen the new caBundles yet takes the note back, and the note has another time then: no clock moves meanwhile.
  const noted = world.server.calls.length;
  await until(() => world.server.calls.length > noted + 30 && 'next-ca.published' in world.secret());
  t.same(bundleSizes(world), [2, 2], 'the next CA is published beside the present one');
  t.ok(everyoneServes(world, replicas, 2)(), 'and signs nothing yet');
  await everyoneIsTrusted(t, world, replicas);

  world.clock = new Date(PRESENT + 9 * MINUTE);
  const requests = world.server.calls.length;
  await until(() => world.server.calls.length > requests + 30);
  t.ok(everyoneServes(world, replicas, 2)(), 'nor after nine minutes');

  world.clock = new Date(PRESENT + 10 * MINUTE);
  await until(everyoneServes(world, replicas, 3));
  t.not(world.secret()['ca.crt'], firstCa, 'after ten it signs');
  t.same(bundleSizes(world), [2, 2], 'and the old CA stays');
  await everyoneIsTrusted(t, world, replicas);

  world.clock = new Date(PRESENT + 11 * DAY);
  await until(() => bundleSizes(world).join() === '1,1');
  t.notOk('old-ca.crt' in world.secret(), 'until its last leaf has ended');
  await everyoneIsTrusted(t, world, replicas);
  t.same(world.uncovered, []);
  t.equal(replicas.flatMap(({ logs }) => logs.filter(({ level }) => level === 'error')).length, 0);
});

t.test('a certificate is not trusted by a caBundle without its CA', async (t) => {
  const [one, two] = [await makeWorld(t), await makeWorld(t)];
  const [replica, other] = [one.start(), two.start()];
  await until(() => replica.served.length > 0 && other.served.length > 0);
  const pair = replica.served[0];
  if (!pair) throw new Error('nothing served');
  t.equal(await handshake(pair, one.bundles()[0] ?? ''), 'authorized');
  t.not(await handshake(pair, two.bundles()[0] ?? ''), 'authorized');
});

/** Tests what the types of Kubernetes Secrets ask of their values. */
import t from 'tap';
import { createIdentity } from '../../aws/network/certificate.ts';
import { addCluster, syncOf } from '../support/cluster.ts';
import { createWorld, secret } from '../support/world.ts';

const TLS = { name: 'shop-tls', type: 'kubernetes.io/tls' };
const DOCKER = { name: 'registry', type: 'kubernetes.io/dockerconfigjson' };
const OLD_DOCKER = { name: 'registry', type: 'kubernetes.io/dockercfg' };

t.test('one value with a certificate and its key fills both keys of kubernetes.io/tls', async (t) => {
  const world = await createWorld(t);
  const server = await addCluster(t, world.root);
  const { cert, key } = await createIdentity(['shop.example']);
  world.aws.setSecret({ name: 'tls', value: `${key}\n${cert}` });
  const config = world.config([secret('tls')], { sync: syncOf({ 'tls.crt': 0, 'tls.key': 0 }, TLS) });
  const { exitCode, message } = await world.run(config, [], server.cluster);
  t.equal(exitCode, 0, message);
  t.match(server.text('shop-tls', 'tls.crt'), /^-----BEGIN CERTIFICATE-----[^B]*B?/);
  t.match(server.text('shop-tls', 'tls.key'), /^-----BEGIN EC PRIVATE KEY-----/);
});

t.test('a value that does not fit the type stops the pod before anything is made', async (t) => {
  for (const [secrets, value, key] of [
    [TLS, 'no PEM at all', 'tls.crt'],
    [DOCKER, 'no JSON at all', '.dockerconfigjson'],
    [OLD_DOCKER, 'no JSON at all', '.dockercfg'],
  ] as const) {
    const world = await createWorld(t);
    const server = await addCluster(t, world.root);
    world.aws.setSecret({ name: 'value', value });
    const config = world.config([secret('value')], { sync: syncOf({ [key]: 0 }, secrets) });
    const { exitCode, message, log } = await world.run(config, [], server.cluster);
    t.equal(exitCode, 10);
    t.match(
      message,
      new RegExp(`"${secrets.name}" of type ${secrets.type} was not made: nothing fits its key ${key}.*ASI_SYNC_VALUE`),
    );
    t.notMatch(message + log, value);
    t.strictSame([server.requests, world.files()], [[], []]);
  }
});

t.test('a part of a value fills a key', async (t) => {
  const world = await createWorld(t);
  const server = await addCluster(t, world.root);
  world.aws.setSecret({ name: 'db', value: '{"user": "ada", "password": "pw"}' });
  const sync = syncOf(
    {},
    { data: [{ key: 'username', object: 0, jmesPath: 'user' }], type: 'kubernetes.io/basic-auth' },
  );
  await world.run(world.config([secret('db')], { sync }), [], server.cluster);
  t.equal(server.text('shop-db', 'username'), 'ada');
});

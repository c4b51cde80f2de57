/** Tests that the compiled program makes a Kubernetes Secret, with what the kubelet gives to the container. */
import { createPrivateKey } from 'node:crypto';
import t from 'tap';
import { POD_UID_ENV } from '../../injector/contract/names.ts';
import { createIdentity } from '../aws/network/certificate.ts';
import { startSecretsServer } from '../kubernetes/secrets-server.ts';
import { addCluster, syncOf } from './support/cluster.ts';
import { createWorld, secret } from './support/world.ts';

t.test('makes the Secret of a certificate, which the pod owns', async (t) => {
  const world = await createWorld(t);
  const server = await addCluster(t, world.root);
  const { cert, key } = await createIdentity(['shop.example']);
  world.aws.setSecret({ name: 'tls', value: `${key}\n${cert}` });
  const { owners: _, ...sync } = syncOf({ 'tls.crt': 0, 'tls.key': 0 }, { type: 'kubernetes.io/tls' });
  const { host, port } = server.apiServer;
  const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, [POD_UID_ENV]: 'uid-of-pod' };
  const { exitCode, output } = await world.spawn(world.config([secret('tls')], { sync }), { env }).finished;
  t.equal(exitCode, 0, output);
  t.match(server.get('shop-db')?.metadata['ownerReferences'], [{ kind: 'Pod', uid: 'uid-of-pod' }]);
  t.equal(server.text('shop-db', 'tls.crt').trim(), cert.replaceAll('\r\n', '\n').trim());
  t.ok(createPrivateKey(server.text('shop-db', 'tls.key')).equals(createPrivateKey(key)));
});

t.test('says what right is missing, and trusts no certificate but that of the cluster', async (t) => {
  const world = await createWorld(t);
  const server = await addCluster(t, world.root);
  world.aws.setSecret({ name: 'db', value: 'canary-7f3a9c' });
  server.state.rights = {};
  const config = world.config([secret('db')], { sync: syncOf({ password: 0 }), retryTimeoutSeconds: 1 });
  const { host, port } = server.apiServer;
  const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
  const { exitCode, message } = await world.spawn(config, { env }).finished;
  t.equal(exitCode, 10);
  t.match(message, /may not get the resource secrets "shop-db".*ASI_SYNC_DENIED/);
  const other = await startSecretsServer(t);
  const elsewhere = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: other.apiServer.port };
  const stranger = await world.spawn(config, { env: elsewhere }).finished;
  t.equal(stranger.exitCode, 20);
  t.match(stranger.message, 'ASI_SYNC_UNAVAILABLE');
});

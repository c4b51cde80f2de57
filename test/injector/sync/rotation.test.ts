/** Tests Kubernetes Secrets of pods whose secrets rotate. */
import t, { type Test } from 'tap';
import { addCluster, syncOf } from '../support/cluster.ts';
import { after, createRotatingWorld, INTERVAL, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

const setUp = async (t: Test) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const server = await addCluster(t, world.root);
  const config = world.config([secret('db')], { rotation: { seconds: INTERVAL }, sync: syncOf({ password: 0 }) });
  return { world, server, config };
};

t.test('a value that changed is in the Secret after the next look, by one write', async (t) => {
  const { world, server, config } = await setUp(t);
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(3), cluster: server.cluster });
  t.equal(server.text('shop-db', 'password'), 'new');
  t.equal(server.writes(), 2);
});

t.test('a Secret that somebody deleted is there again after the next look', async (t) => {
  const { world, server, config } = await setUp(t);
  const happens = () => server.remove('shop-db');
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1), cluster: server.cluster });
  t.equal(server.text('shop-db', 'password'), 'old');
});

t.test('a pod that runs gets new files while its Secret can not be written, and the log says so once', async (t) => {
  const { world, server, config } = await setUp(t);
  const happens = () => {
    server.state.rights = { '*': ['get'] };
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  const { outcome, lines } = await watch(world, config, {
    happenings: [{ at: 1_000, happens }],
    limit: after(4),
    cluster: server.cluster,
  });
  t.equal(outcome, undefined);
  t.equal(world.read('db'), 'new');
  t.equal(server.text('shop-db', 'password'), 'old');
  t.equal(lines.filter(({ code }) => code === 'ASI_SYNC_DENIED').length, 1);
});

t.test('a pod whose Secret can not be made does not start', async (t) => {
  const { world, server, config } = await setUp(t);
  server.state.rights = {};
  const { outcome } = await watch(world, config, { cluster: server.cluster });
  t.match(outcome, { exitCode: 10, message: /ASI_SYNC_DENIED/ });
  t.strictSame([server.stored(), world.files()], [[], []]);
});

/** `wait` and `refresh`, beside a main process that runs in this one. */
import t, { type Test } from 'tap';
import { refresh, waitForFiles } from '../../../injector/rotation/command.ts';
import { createRotatingWorld, INTERVAL, watch } from '../support/rotation.ts';
import { createWorld, secret } from '../support/world.ts';

/** Nobody wakes by time: only who is asked for looks. */
const ASLEEP = { limit: 1_000 };

const setUp = async (t: Test) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"user":"u","password":"old-password"}' });
  return { world, config: world.config([secret('db')], { rotation: { seconds: INTERVAL } }) };
};

t.test('refresh says what changed, by name and version, and never a value', async (t) => {
  const { world, config } = await setUp(t);
  const { lines } = await watch(world, config, ASLEEP);
  const { versionId } = world.aws.setSecret({ name: 'db', value: '{"user":"u","password":"new-password"}' });
  const { text, exitCode } = await refresh(world.root);
  t.match(text, new RegExp(`^db changed in eu-west-1: version .* is now ${versionId}\\.\nNew files: db\\.\n$`));
  t.equal(exitCode, 0);
  t.match(world.read('db'), 'new-password');
  t.notMatch(text + JSON.stringify(lines), 'new-password');
});

t.test('refresh says so where nothing changed', async (t) => {
  const { world, config } = await setUp(t);
  await watch(world, config, ASLEEP);
  t.strictSame(await refresh(world.root), { text: 'Nothing changed.\n', exitCode: 0 });
});

t.test('refresh ends as a first run would where AWS refuses, and the files stay', async (t) => {
  const { world, config } = await setUp(t);
  await watch(world, config, { limit: 60_000 - 1 });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'access-denied' } });
  const { text, exitCode } = await refresh(world.root);
  t.equal(exitCode, 10);
  t.match(text, /AccessDeniedException .*ASI_AWS_DENIED.* The files keep its last value\.\n$/);
  t.match(world.read('db'), 'old-password');
});

t.test('two at once get an answer each, and SIGHUP is a third that needs none', async (t) => {
  const { world, config } = await setUp(t);
  const { hangUp } = await watch(world, config, ASLEEP);
  hangUp();
  world.aws.setSecret({ name: 'db', value: 'new' });
  const answers = await Promise.all([refresh(world.root), refresh(world.root)]);
  t.strictSame(
    answers.map(({ exitCode }) => exitCode),
    [0, 0],
  );
  t.equal(world.read('db'), 'new');
});

t.test('refresh says that nobody watches', async (t) => {
  const world = await createWorld(t);
  t.match(await refresh(world.root), { exitCode: 20, text: /did not answer/ });
});

t.test('wait ends as soon as the files are there, and not before', async (t) => {
  const { world, config } = await setUp(t);
  const order: string[] = [];
  const waiting = waitForFiles(world.root).then(() => order.push(`waited: ${world.files().includes('db')}`));
  const end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  const happens = () => {
    order.push('available');
    end();
  };
  await watch(world, config, { happenings: [{ at: 3_000, happens }], limit: 30_000 });
  await waiting;
  t.strictSame(order, ['available', 'waited: true']);
});

t.test('wait goes on where the main process fails, until a later one succeeds', async (t) => {
  const { world, config } = await setUp(t);
  let isOver = false;
  const waiting = waitForFiles(world.root).then(() => {
    isOver = true;
  });
  const end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'access-denied' } });
  const { outcome } = await watch(world, config);
  t.equal(outcome?.exitCode, 10);
  t.notOk(isOver);
  end();
  await watch(world, config, ASLEEP);
  await waiting;
});

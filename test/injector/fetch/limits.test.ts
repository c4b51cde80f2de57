/** Tests how many bytes of AWS's answers are read, and for how long AWS is asked. */
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { run } from '../../../injector/run.ts';
import { answerLimit } from '../../../injector/services/parameter-store.ts';
import { createWorld, parameter, secret, type World } from '../support/world.ts';

const KIBIBYTE = 1024;

const folders = [{ path: '', mode: '0444', slash: '_' }];

/** An AWS whose answers to one operation are these. */
async function start(t: Test, operation: string, answer: object) {
  const world = await createWorld(t);
  world.aws.fault({ operation, effect: { kind: 'body', body: JSON.stringify(answer) } });
  return world;
}

const large = 'x'.repeat(64 * KIBIBYTE + 1);

t.test('a value that no secret can have is refused, whoever gives it', async (t) => {
  const answers: [operation: string, answer: object, objects: InjectorConfig['objects']][] = [
    ['GetSecretValue', { SecretString: large }, [secret('s')]],
    ['GetSecretValue', { SecretBinary: Buffer.from(large).toString('base64') }, [secret('s')]],
    ['GetParameters', { Parameters: [{ Name: '/p', Value: large }] }, [parameter('/p', 'p')]],
  ];
  for (const [operation, answer, objects] of answers) {
    const world = await start(t, operation, answer);
    const { exitCode, message } = await world.run(world.config(objects));
    t.equal(exitCode, 10);
    t.match(message, '[ASI_AWS_TOO_LARGE]');
  }
});

t.test('a secret that is too large among others is asked for alone, and the others are taken', async (t) => {
  const values = [
    { Name: 'a', SecretString: large },
    { Name: 'b', SecretString: 'x' },
  ];
  const world = await start(t, 'BatchGetSecretValue', { SecretValues: values });
  world.aws.setSecret({ name: 'a', value: 'right' });
  const { exitCode, message } = await world.run(world.config([secret('a'), secret('b')], { batch: true }));
  t.equal(exitCode, 0, message);
  t.strictSame([world.read('a'), world.read('b')], ['right', 'x']);
});

t.test('the largest values of AWS are taken, however JSON has to write them', async (t) => {
  const world = await createWorld(t);
  const worst = '\u0001'.repeat(64 * KIBIBYTE);
  world.aws.setSecret({ name: 'a', value: worst });
  world.aws.setSecret({ name: 'b', value: worst });
  const names = Array.from({ length: 10 }, (_, index) => `/p/${index}`);
  for (const name of names) world.aws.setParameter({ name, value: worst.slice(0, 8 * KIBIBYTE) });
  const objects = [secret('a'), secret('b'), ...names.map((name, index) => parameter(name, `p${index}`))];
  const searches = [
    { service: 'ssm' as const, path: '/p', folders: [{ path: 'found', mode: '0444', slash: '_' }] },
    { service: 'secretsmanager' as const, prefix: 'a', folders: [{ path: 'like', mode: '0444', slash: '_' }] },
  ];
  const { exitCode, message } = await world.run(world.config(objects, { batch: true, searches }));
  t.equal(exitCode, 0, message);
  t.equal(world.read('a'), worst);
  t.equal(world.read('like/a'), worst);
});

t.test('a parameter that stands for a secret may be as large as one', async (t) => {
  const Names = [
    '/aws/reference/secretsmanager/db',
    'arn:aws:ssm:eu-west-1:1:parameter/aws/reference/secretsmanager/db',
  ];
  for (const name of Names) t.ok(answerLimit([name]) > 6 * 64 * KIBIBYTE, name);
  t.ok(answerLimit(['/p']) < 2 * 64 * KIBIBYTE);
});

t.test('a search finds no more than a volume is made for', async (t) => {
  const world = await createWorld(t);
  const value = 'x'.repeat(8 * KIBIBYTE);
  for (let index = 0; index < 520; index += 1) world.aws.setParameter({ name: `/p/${index}`, value });
  const { exitCode, message } = await world.run(
    world.config([], { searches: [{ service: 'ssm', path: '/p', folders }] }),
  );
  t.equal(exitCode, 10);
  t.match(message, '[ASI_AWS_ENDLESS_LIST]');
  t.strictSame(world.files(), []);
});

t.test('a search finds at most 10,000 objects', async (t) => {
  const SecretList = Array.from({ length: 10_001 }, (_, index) => ({ Name: `s${index}` }));
  const world = await start(t, 'ListSecrets', { SecretList });
  const searches = [{ service: 'secretsmanager' as const, prefix: 's', folders }];
  const { exitCode, message } = await world.run(world.config([], { searches }));
  t.equal(exitCode, 10);
  t.match(message, '[ASI_AWS_ENDLESS_LIST]');
});

/** A clock on which a second goes by whenever somebody looks at it. */
function runHastily(world: World, config: InjectorConfig) {
  let now = 0;
  const clock = {
    now: () => {
      now += 1_000;
      return now;
    },
    random: () => 0.5,
    sleep: async () => {},
  };
  return run({ configText: encodeConfig(config), podName: 'p', root: world.root, clock, write: () => {} });
}

t.test('no page of a list is asked for after the deadline', async (t) => {
  const world = await createWorld(t);
  for (let index = 0; index < 600; index += 1) world.aws.setParameter({ name: `/p/${index}`, value: 'x' });
  const searches = [{ service: 'ssm' as const, path: '/p', folders }];
  const { exitCode, message } = await runHastily(world, world.config([], { searches }));
  t.equal(exitCode, 20);
  t.match(message, 'no answer in time');
  t.ok(world.aws.calls.length < 40, `${world.aws.calls.length} calls`);
});

t.test('nothing is asked for long after the deadline, not even for the first time', async (t) => {
  const world = await createWorld(t);
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
  for (const name of names) world.aws.setSecret({ name, value: 'x' });
  const { exitCode, message } = await runHastily(world, world.config(names.map((name) => secret(name))));
  t.equal(exitCode, 20);
  t.match(message, 'no answer in time');
  t.ok(world.aws.calls.length < 100, `${world.aws.calls.length} calls`);
});

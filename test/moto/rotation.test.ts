/**
 * Tests the compiled injector in rotation against moto, an emulator of AWS that is not ours: what both of ours might
 * misunderstand together shows here. `npm run test:moto`.
 */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { addState, linesOf } from '../injector/support/rotation.ts';
import { createWorld, parameter, secret } from '../injector/support/world.ts';
import { startMoto } from './support/moto.ts';

const REGION = 'eu-west-1';

/** The shortest interval, in seconds. Its jitter is a tenth. */
const INTERVAL = 30;
const LATEST = (INTERVAL * 1.1 + 1) * 1000;

const setUp = async (t: Test) => {
  const moto = await startMoto(t);
  const world = await createWorld(t);
  addState(t, world.root);
  const access = {
    region: REGION,
    endpoint: moto.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const secrets = new SecretsManagerClient(access);
  const parameters = new SSMClient(access);
  const command = (name: 'wait' | 'refresh') => world.spawn(undefined, { args: [name] }).finished;
  return {
    moto,
    world,
    secrets,
    config: (objects: InjectorConfig['objects'], more: Partial<InjectorConfig> = {}) =>
      world.config(objects, { aws: { endpointUrl: moto.url }, rotation: { seconds: INTERVAL }, ...more }),
    /** Starts the sidecar. Returns when the files are there. */
    start: async (config: InjectorConfig) => {
      const main = world.spawn(config);
      const hook = world.spawn(undefined, { args: ['wait'] });
      t.teardown(() => [main, hook].map((each) => each.kill('SIGKILL')));
      const ended = await Promise.race([hook.finished.then(() => undefined), main.finished]);
      if (ended !== undefined) throw new Error(ended.output);
      return main;
    },
    refresh: () => command('refresh'),
    create: (name: string, value: string) =>
      secrets
        .send(new CreateSecretCommand({ Name: name, SecretString: value }))
        .then(({ VersionId = '' }) => VersionId),
    put: (name: string, value: string) =>
      secrets
        .send(new PutSecretValueCommand({ SecretId: name, SecretString: value }))
        .then(({ VersionId = '' }) => VersionId),
    putParameter: (name: string, value: string) =>
      parameters.send(new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: true })),
  };
};

t.test('values that change are in the files within the interval, its jitter and a second', async (t) => {
  const { world, config, start, create, put, putParameter } = await setUp(t);
  const old = await create('app1/db', '{"user":"u","password":"old"}');
  await putParameter('/app1/key', 'one');
  const files = ['user', 'password'].map((part) => ({ path: part, mode: '0444', jmesPath: part }));
  const main = await start(
    config([secret('app1/db', { files }), { ...parameter('/app1/key', 'key'), variables: [{ name: 'KEY' }] }], {
      envFile: { path: 'app.env', format: 'shell', mode: '0444' },
    }),
  );
  const read = () => ['user', 'password', 'key', 'app.env'].map(world.read);
  t.strictSame(read(), ['u', 'old', 'one', "KEY='one'\n"]);
  const fresh = await put('app1/db', '{"user":"v","password":"new"}');
  await putParameter('/app1/key', 'two');
  const latest = performance.now() + LATEST;
  while (performance.now() < latest && world.read('key') === 'one') await new Promise((next) => setTimeout(next, 50));
  t.strictSame(read(), ['v', 'new', 'two', "KEY='two'\n"]);
  main.kill('SIGTERM');
  const { exitCode, output } = await main.finished;
  t.equal(exitCode, 0);
  t.match(
    linesOf(output).filter(({ from }) => from !== undefined),
    [
      { object: 'app1/db', from: old, to: fresh },
      { object: '/app1/key', from: '1', to: '2' },
    ],
  );
});

for (const more of [{}, { batch: true }] as const) {
  t.test(`stages, versions and deletions are as AWS has them: ${JSON.stringify(more)}`, async (t) => {
    const { world, secrets, config, start, refresh, create, put } = await setUp(t);
    const first = await create('db', 'one');
    await create('gone', 'last');
    const objects = [
      secret('db'),
      secret('db', { version: first, files: [{ path: 'pinned', mode: '0444' }] }),
      secret('db', { label: 'AWSPREVIOUS', files: [{ path: 'previous', mode: '0444', optional: true }] }),
      secret('db', { label: 'release', files: [{ path: 'release', mode: '0444', optional: true }] }),
      secret('gone'),
    ];
    await start(config(objects, more));
    const read = () =>
      ['db', 'pinned', 'previous', 'release', 'gone']
        .filter((file) => world.files().includes(file))
        .map((file) => `${file}=${world.read(file)}`);
    t.strictSame(read(), ['db=one', 'pinned=one', 'gone=last']);

    const pending = new PutSecretValueCommand({ SecretId: 'db', SecretString: 'two', VersionStages: ['AWSPENDING'] });
    const { VersionId: second } = await secrets.send(pending);
    t.match(await refresh(), { exitCode: 0, output: 'Nothing changed.\n' });

    const release = { SecretId: 'db', VersionStage: 'release', MoveToVersionId: second };
    await secrets.send(new UpdateSecretVersionStageCommand(release));
    t.match(await refresh(), { exitCode: 0, output: `version ${second}.\nNew files: release.\n` });
    t.strictSame(read(), ['db=one', 'pinned=one', 'release=two', 'gone=last']);

    await secrets.send(new DeleteSecretCommand({ SecretId: 'gone' }));
    const third = await put('db', 'three');
    const { exitCode, output } = await refresh();
    t.equal(exitCode, 10, output);
    t.match(output, `version ${first} is now ${third}.`);
    t.match(output, /gone.*The files keep its last value\./);
    t.strictSame(read(), ['db=three', 'pinned=one', 'previous=one', 'release=two', 'gone=last']);
  });
}

t.test('the last values stay while AWS is down, and what changed meanwhile comes after that', async (t) => {
  const { moto, world, config, start, refresh, create } = await setUp(t);
  await create('db', 'old');
  await start(config([secret('db')], { retryTimeoutSeconds: 1 }));
  await moto.stop();
  t.match(await refresh(), { exitCode: 20, output: /The files keep its last value\.\n$/ });
  t.equal(world.read('db'), 'old');
  await moto.start();
  await create('db', 'new');
  t.match(await refresh(), { exitCode: 0, output: /New files: db\.\n$/ });
  t.equal(world.read('db'), 'new');
});

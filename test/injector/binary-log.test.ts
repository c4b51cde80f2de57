/** Tests the log of the compiled program: lines of one form, one about what was written, and one per object at the level debug. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createWorld, parameter, secret, type World } from './support/world.ts';

const CANARY = 'canary-7f3a9c';
const ENVIRONMENT = '/run/aws-secrets-injector/environment';

type Line = Readonly<Record<string, unknown>>;

/** Returns the lines of a log, each of which has to have the form of all programs. */
function linesIn(t: Test, output: string): Line[] {
  const lines = output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) {
    t.match(line, { time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, level: /^(debug|info|warn|error)$/, message: /\S/ });
  }
  return lines;
}

/** Has a secret that is throttled once, a parameter and a path of parameters, and returns the version of the secret. */
function fill({ aws, root }: World): string {
  mkdirSync(join(root, ENVIRONMENT));
  const { versionId } = aws.setSecret({ name: 'app1/db', value: `{"password":"${CANARY}"}` });
  aws.setParameter({ name: '/app1/key', value: CANARY, type: 'SecureString' });
  aws.setParameter({ name: '/all/a', value: CANARY });
  aws.fault({ service: 'secretsmanager', effect: { kind: 'throttle' }, times: 1 });
  return versionId;
}

function configOf(world: World, level: 'debug' | 'info') {
  return world.config(
    [
      secret('app1/db', { variables: [{ name: 'PASSWORD', jmesPath: 'password' }] }),
      parameter('/app1/key', 'key', { environment: [{ path: 'KEY', key: 'KEY' }] }),
    ],
    {
      searches: [{ service: 'ssm', path: '/all/', folders: [{ path: 'all', mode: '0444', slash: '/' }] }],
      envFile: { path: 'app.env', format: 'shell', mode: '0444' },
      environment: { directory: ENVIRONMENT, delivery: 'kubelet' },
      log: { level },
    },
  );
}

t.test('one line at the level info has the counts, the time and the versions, and none has a value', async (t) => {
  const world = await createWorld(t);
  const version = fill(world);
  const { exitCode, output } = await world.spawn(configOf(world, 'info')).finished;
  t.equal(exitCode, 0, output);
  const lines = linesIn(t, output);
  t.strictSame(
    [...new Set(lines.map(({ level }) => level))].sort(),
    ['info', 'warn'],
    'the throttled try, and the line',
  );
  const written = lines.filter(({ level }) => level === 'info');
  t.match(written, [{ message: 'All files are written.', files: 4, variables: 2, milliseconds: Number }]);
  t.equal(written[0]?.['versions'], `app1/db ${version}, /app1/key 1, /all/a 1`);
  t.notMatch(output, CANARY);
});

t.test('the level debug has a line about each object: region, version, calls and retries', async (t) => {
  const world = await createWorld(t);
  const version = fill(world);
  const { output } = await world.spawn(configOf(world, 'debug')).finished;
  const objects = linesIn(t, output).filter(({ level }) => level === 'debug');
  const region = 'eu-west-1';
  const shown = objects.map(({ time, level, ...rest }) => rest);
  t.strictSame(shown, [
    { message: 'app1/db was read.', object: 'app1/db', region, version, calls: 2, retries: 1 },
    { message: '/app1/key was read.', object: '/app1/key', region, version: '1', calls: 1, retries: 0 },
    { message: '/all/a was read.', object: '/all/a', region, version: '1' },
  ]);
  t.notMatch(output, CANARY);
});

t.test('the level debug says how often an object was asked for in vain', async (t) => {
  const world = await createWorld(t);
  const config = world.config([secret('absent')], { retryTimeoutSeconds: 0.2 });
  const lines = linesIn(t, (await world.spawn(config).finished).output);
  const [line] = lines.filter(({ level }) => level === 'debug');
  t.match(line, { message: 'absent was not read.', object: 'absent' });
  const { calls, retries } = line ?? {};
  const asked = world.aws.calls.filter(({ operation }) => operation === 'GetSecretValue').length;
  t.strictSame({ calls, retries }, { calls: asked, retries: asked - 1 });
});

t.test('a program that is stopped, or whose configuration is missing, logs that in the same form', async (t) => {
  const world = await createWorld(t);
  world.aws.fault({ service: 'sts', effect: { kind: 'hang' } });
  const child = world.spawn(world.config([secret('app1/db')]));
  while (!world.aws.calls.some(({ service }) => service === 'sts')) await new Promise(setImmediate);
  child.kill('SIGTERM');
  t.match(linesIn(t, (await child.finished).output).at(-1), { level: 'error', code: 'ASI_STOPPED' });
  const missing = await world.spawn(undefined).finished;
  t.match(linesIn(t, missing.output), [{ level: 'error', code: 'ASI_CFG_MISSING' }]);
});

/** Tests what the compiled program writes beside plain files, with the programs that read it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ConfigObject } from '../../injector/contract/config.ts';
import { SENTINEL, SHELL_FILE, SHELL_FOLDER } from '../../injector/contract/names.ts';
import { readVariable } from './support/kubelet.ts';
import { createWorld, type World } from './support/world.ts';

const BINARY = join(import.meta.dirname, '../../dist/aws-secrets-injector');
const ENVIRONMENT = '/run/aws-secrets-injector/environment';
const VALUE = JSON.stringify({
  password: 'p@$$"`\\\n\t=#😀',
  quoted: "it's canary-7f3a9c",
  port: 5432,
  nested: { a: [1.0] },
  ['__proto__']: 'a key',
});

const db = (outputs: Partial<ConfigObject>): ConfigObject => ({
  service: 'secretsmanager',
  name: 'app1/db',
  ...outputs,
});

async function worldWithSecret(t: Test): Promise<World> {
  const world = await createWorld(t);
  mkdirSync(join(world.root, ENVIRONMENT), { recursive: true });
  world.aws.setSecret({ name: 'app1/db', value: VALUE });
  return world;
}

const inEnvironment = (world: World, path: string) => readFileSync(join(world.root, ENVIRONMENT, path));

t.test('writes variables for the kubelet, and the sentinel, that only root may read', async (t) => {
  const world = await worldWithSecret(t);
  const environment = [
    { path: 'PASSWORD', key: 'PASSWORD', jmesPath: 'password' },
    { path: 'PORT', key: 'PORT', jmesPath: 'port', type: 'any' as const },
    { path: 'ABSENT', key: 'ABSENT', jmesPath: 'absent', default: 'none' },
    { path: 'GONE', key: 'GONE', jmesPath: 'gone', optional: true as const },
  ];
  const url = ['pg://', { object: 0, jmesPath: 'password', filters: ['urlencode' as const] }, '@db'];
  const config = world.config([db({ environment })], {
    templateVariables: [{ name: 'URL', kubelet: true, parts: url }],
    environment: { directory: ENVIRONMENT, delivery: 'kubelet', sentinel: true },
  });
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
  const read = (name: string) => readVariable(inEnvironment(world, name), name)?.toString();
  t.strictSame(['PASSWORD', 'PORT', 'ABSENT', 'GONE'].map(read), ['p@$$"`\\\n\t=#😀', '5432', 'none', undefined]);
  t.equal(read('URL'), 'pg://p%40%24%24%22%60%5C%0A%09%3D%23%F0%9F%98%80@db');
  t.equal(readVariable(inEnvironment(world, SENTINEL.path), SENTINEL.key)?.toString(), SENTINEL.value);
  t.equal(statSync(join(world.root, ENVIRONMENT, 'PASSWORD')).mode & 0o777, 0o400);
  t.notMatch(output, 'canary-7f3a9c');
});

t.test('refuses what the kubelet can not carry before it writes anything', async (t) => {
  const world = await worldWithSecret(t);
  const object = db({
    files: [{ path: 'file', mode: '0444' }],
    environment: [{ path: 'QUOTED', key: 'QUOTED', jmesPath: 'quoted', default: 'none' }],
  });
  const config = world.config([object], { environment: { directory: ENVIRONMENT, delivery: 'kubelet' } });
  const { exitCode, message, output } = await world.spawn(config).finished;
  t.equal(exitCode, 10);
  t.match(message, /"QUOTED" can not be delivered by the kubelet.*single quote.*env-delivery: shell.*\[ASI_ENV_VALUE]/);
  t.notMatch(message + output, 'canary-7f3a9c');
  t.strictSame([...world.files(), ...readdirSync(join(world.root, ENVIRONMENT))], []);
});

t.test('writes a file that a shell sources before it starts the command', async (t) => {
  const world = await worldWithSecret(t);
  const object = db({
    variables: [
      { name: 'PASSWORD', jmesPath: 'password' },
      { name: 'OWN', jmesPath: 'quoted' },
    ],
    expansions: [{ prefix: 'DB_' }],
  });
  const config = world.config([object], {
    templateVariables: [{ name: 'URL', parts: ["it's ", { object: 0, jmesPath: 'port', type: 'any' }, '!'] }],
    environment: { directory: ENVIRONMENT, delivery: 'shell' },
  });
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
  const file = join(world.root, ENVIRONMENT, SHELL_FOLDER, SHELL_FILE);
  t.equal(statSync(file).mode & 0o777, 0o644);
  const wrapper = `aws_secrets_injector_keep=' OWN '; . ${file} && unset aws_secrets_injector_keep && exec "$@"`;
  const { stdout } = spawnSync('env', ['-i', 'OWN=own', 'sh', '-c', wrapper, 'sh', '/usr/bin/env', '-0'], {
    encoding: 'utf8',
  });
  const lines = stdout.split('\0');
  const plain = [
    'DB___proto__=a key',
    'DB_nested={"a":[1]}',
    'DB_port=5432',
    "DB_quoted=it's canary-7f3a9c",
    'OWN=own',
    "URL=it's 5432!",
  ];
  const passwords = ['PASSWORD', 'DB_password'].map((name) => `${name}=p@$$"\`\\\n\t=#😀`);
  for (const line of [...plain, ...passwords]) t.ok(lines.includes(line), line);
});

t.test('writes each key of an object as a file, and templates with their filters', async (t) => {
  const world = await worldWithSecret(t);
  const config = world.config([db({ folders: [{ path: 'db', mode: '0440', slash: '_' }] })], {
    templates: [
      {
        path: 'app.properties',
        mode: '0440',
        parts: [
          'password=',
          { object: 0, jmesPath: 'password', filters: ['properties'] },
          '\nurl=',
          { object: 0, jmesPath: 'quoted', filters: ['urlencode'] },
          '\nnested=',
          { object: 0, jmesPath: 'nested', type: 'any', filters: ['json'] },
        ],
      },
    ],
  });
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
  const names = ['__proto__', 'nested', 'password', 'port', 'quoted'];
  t.strictSame(world.files(), ['app.properties', 'db', ...names.map((name) => `db/${name}`)]);
  t.equal(world.read('db/quoted'), "it's canary-7f3a9c");
  t.equal(
    world.read('app.properties'),
    'password=p@$$"`\\\\\\n\\t\\=\\#\\uD83D\\uDE00\nurl=it%27s%20canary-7f3a9c\nnested={"a":[1]}',
  );
});

t.test('writes into the volumes of others, or nothing anywhere', async (t) => {
  const world = await worldWithSecret(t);
  const volume = '/run/aws-secrets-injector/volumes/csi';
  const object = db({
    files: [
      { path: 'here', mode: '0444' },
      { path: 'there', mode: '0444', directory: volume },
    ],
  });
  const missing = await world.spawn(world.config([object])).finished;
  t.match(missing.message, `${volume} could not be written, so nothing was. The system says ENOENT.`);
  t.strictSame(world.files(), []);
  mkdirSync(join(world.root, volume), { recursive: true });
  const { exitCode, output } = await world.spawn(world.config([object])).finished;
  t.equal(exitCode, 0, output);
  t.strictSame([world.files(), readdirSync(join(world.root, volume))], [['here'], ['there']]);
});

const asSentinel = (root: string, env: Record<string, string>) =>
  spawnSync(BINARY, ['--root', root, '--sentinel'], { env, encoding: 'utf8' });

t.test('the sentinel container ends well where the kubelet delivered, and needs no configuration', async (t) => {
  const root = t.testdir({});
  const { status, stderr } = asSentinel(root, { [SENTINEL.key]: SENTINEL.value });
  t.equal(status, 0, stderr);
  t.strictSame(readdirSync(root), []);
});

t.test('the sentinel container stops the pod where the kubelet set nothing, and says what to do', async (t) => {
  for (const env of [{ [SENTINEL.key]: '' }, {}]) {
    const root = t.testdir({});
    const { status, stderr } = asSentinel(root, env);
    t.equal(status, 10);
    const message = readFileSync(join(root, 'dev/termination-log'), 'utf8');
    t.match(
      message,
      /kubelet is older than 1\.35.*Upgrade the node.*env-delivery: shell;.*env-delivery: file.*\[ASI_ENV_UNSUPPORTED]/,
    );
    t.match(JSON.parse(stderr), { level: 'error', message, code: 'ASI_ENV_UNSUPPORTED' });
  }
});

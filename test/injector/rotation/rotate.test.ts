/** Secrets that change while the pod runs: the whole program with the real SDK against the in-memory AWS. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { RESTART_EXIT_CODE } from '../../../injector/contract/rotation.ts';
import { waitForFiles } from '../../../injector/rotation/command.ts';
import { readVariable } from '../support/kubelet.ts';
import { addState, INTERVAL, type Line, watch } from '../support/rotation.ts';
import { createWorld, parameter, secret, type World } from '../support/world.ts';

const CANARY = 'canary-7f3a9c';

/** Milliseconds of the clock a little after the given look; the first look is when the program starts. */
const after = (looks: number) => looks * INTERVAL * 1000 + 500;

const setUp = async (t: Test): Promise<World> => {
  const world = await createWorld(t);
  addState(t, world.root);
  return world;
};

const rotating = (world: World, objects: InjectorConfig['objects'], more: Partial<InjectorConfig> = {}) =>
  world.config(objects, { rotation: { seconds: INTERVAL }, log: { level: 'info' }, ...more });

const messages = (lines: readonly Line[]) => lines.map(({ level, message }) => `${level}: ${message}`);

const asked = (world: World) =>
  world.aws.calls.filter(({ service }) => service !== 'sts').map(({ operation }) => operation);

t.test('a value that changed is in its file after the next look, and one log line says so', async (t) => {
  const world = await setUp(t);
  const { versionId: old } = world.aws.setSecret({ name: 'app1/db', value: 'old' });
  let fresh = '';
  const happens = () => {
    t.equal(world.read('app1_db'), 'old');
    fresh = world.aws.setSecret({ name: 'app1/db', value: `new ${CANARY}` }).versionId;
  };
  const { lines } = await watch(world, rotating(world, [secret('app1/db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.equal(world.read('app1_db'), `new ${CANARY}`);
  const changes = lines.filter(({ object }) => object !== undefined);
  t.match(changes, [{ level: 'info', object: 'app1/db', region: 'eu-west-1', from: old, to: fresh }]);
  t.equal(changes.length, 1);
  t.notMatch(JSON.stringify(lines), CANARY);
});

t.test('env files and templates are made anew, and a parameter brings its version', async (t) => {
  const world = await setUp(t);
  world.aws.setParameter({ name: '/app1/key', value: 'one' });
  const config = rotating(world, [{ ...parameter('/app1/key', 'key'), variables: [{ name: 'KEY' }] }], {
    envFile: { path: 'app.env', format: 'shell', mode: '0640' },
    templates: [{ path: 'url', mode: '0644', parts: ['key=', { object: 0 }] }],
    templateVariables: [{ name: 'URL', parts: ['key=', { object: 0 }] }],
  });
  const happens = () => void world.aws.setParameter({ name: '/app1/key', value: 'two' });
  const { lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1) });
  t.strictSame(['key', 'app.env', 'url'].map(world.read), ['two', "KEY='two'\nURL='key=two'\n", 'key=two']);
  t.match(
    lines.find(({ object }) => object !== undefined),
    { object: '/app1/key', from: '1', to: '2' },
  );
});

t.test('a version that is pinned is asked for once', async (t) => {
  const world = await setUp(t);
  const { versionId } = world.aws.setSecret({ name: 'pinned', value: 'p' });
  world.aws.setParameter({ name: '/pinned', value: 'q' });
  world.aws.setSecret({ name: 'db', value: 'old' });
  const objects = [secret('pinned', { version: versionId }), parameter('/pinned', 'q', { version: '1' }), secret('db')];
  const config = rotating(world, objects, {
    templates: [{ path: 'all', mode: '0644', parts: objects.map((_, object) => ({ object })) }],
  });
  const happens = () => {
    world.aws.forget();
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(3) });
  t.strictSame(asked(world), ['GetSecretValue', 'GetSecretValue', 'GetSecretValue']);
  t.equal(world.read('all'), 'pqnew', 'and its value stands where others change');
});

t.test('AWS is not asked at all where everything is pinned', async (t) => {
  const world = await setUp(t);
  const { versionId } = world.aws.setSecret({ name: 'pinned', value: 'p' });
  const config = rotating(world, [secret('pinned', { version: versionId })]);
  await watch(world, config, { happenings: [{ at: 1_000, happens: world.aws.forget }], limit: after(3) });
  t.strictSame(world.aws.calls, []);
});

t.test('a new version with the same value changes nothing and is no news', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'same' });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'same' });
  const { lines } = await watch(world, rotating(world, [secret('db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(messages(lines), ['info: All files are written.', 'info: AWS is asked for changes every 60 s.']);
});

t.test('a parameter that was deleted and made anew is a change, although its version is 1 again', async (t) => {
  const world = await setUp(t);
  world.aws.setParameter({ name: '/key', value: 'one' });
  const happens = () => {
    world.aws.deleteParameter('/key');
    world.aws.setParameter({ name: '/key', value: 'other' });
  };
  await watch(world, rotating(world, [parameter('/key', 'key')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(1),
  });
  t.equal(world.read('key'), 'other');
});

t.test('an outage is logged once when it begins and once when it ends, and the last values stay', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  let end = () => {};
  const happenings = [
    {
      at: 1_000,
      happens: () => {
        end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
        world.aws.setSecret({ name: 'db', value: 'new' });
      },
    },
    { at: 5 * INTERVAL * 1000, happens: () => t.equal(world.read('db'), 'old') },
    { at: 5 * INTERVAL * 1000, happens: () => end() },
  ];
  const { lines } = await watch(world, rotating(world, [secret('db')]), { happenings, limit: after(10) });
  t.equal(world.read('db'), 'new');
  t.match(messages(lines).slice(2), [
    /^error: .*db.*ASI_AWS_UNAVAILABLE.* The files keep its last value\.$/,
    'info: db can be read again.',
    /^info: db changed/,
    'info: The files are up to date.',
  ]);
});

const faults: [what: string, begin: (world: World) => void, code: string][] = [
  [
    'permission is taken away',
    (world) => void world.aws.fault({ service: 'secretsmanager', effect: { kind: 'access-denied' } }),
    'ASI_AWS_DENIED',
  ],
  [
    'AWS throttles',
    (world) => void world.aws.fault({ service: 'secretsmanager', effect: { kind: 'throttle' } }),
    'ASI_AWS_THROTTLED',
  ],
  ['the secret is deleted', (world) => world.aws.deleteSecret('db'), 'ASI_AWS_REQUEST'],
  ['the token is gone', (world) => rmSync(join(world.root, '/run/aws-secrets-injector/token/token')), 'ASI_AWS_TOKEN'],
  [
    'the token is none any more',
    (world) => writeFileSync(join(world.root, '/run/aws-secrets-injector/token/token'), 'x'),
    'ASI_AWS_',
  ],
  [
    'the value is no JSON any more',
    (world) => void world.aws.setSecret({ name: 'db', value: 'plain' }),
    'ASI_OUT_JSON',
  ],
];
for (const [what, begin, code] of faults) {
  t.test(`the last value stays where ${what}`, async (t) => {
    const world = await setUp(t);
    world.aws.setSecret({ name: 'db', value: '{"a":"last"}' });
    const config = rotating(world, [secret('db', { files: [{ path: 'a', mode: '0444', jmesPath: 'a' }] })]);
    const { lines, outcome } = await watch(world, config, {
      happenings: [{ at: 1_000, happens: () => begin(world) }],
      limit: after(4),
    });
    t.equal(outcome, undefined, 'it goes on');
    t.equal(world.read('a'), 'last');
    const errors = lines.filter(({ level }) => level === 'error');
    t.equal(errors.length, 1, JSON.stringify(errors));
    t.match(errors[0], { code: new RegExp(code) });
    t.notMatch(JSON.stringify(lines), /"level":"warn"/);
  });
}

t.test('what can be read is new, although something else was deleted', async (t) => {
  const world = await setUp(t);
  for (const name of ['gone', 'db']) world.aws.setSecret({ name, value: 'old' });
  const happens = () => {
    world.aws.deleteSecret('gone');
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  await watch(world, rotating(world, [secret('gone'), secret('db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(['gone', 'db'].map(world.read), ['old', 'new']);
});

t.test('an optional secret that comes later is written, and one that goes keeps its value', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'goes', value: 'g' });
  const optional = (name: string) => secret(name, { files: [{ path: name, mode: '0444', optional: true }] });
  const happens = () => {
    world.aws.setSecret({ name: 'comes', value: 'c' });
    world.aws.deleteSecret('goes');
  };
  const { lines } = await watch(world, rotating(world, [optional('comes'), optional('goes')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(['comes', 'goes'].map(world.read), ['c', 'g']);
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ subject: 'goes', code: 'ASI_AWS_REQUEST' }],
  );
});

t.test('what a search finds comes and changes; what it does not find any more stays', async (t) => {
  const world = await setUp(t);
  for (const name of ['/app1/a', '/app1/b']) world.aws.setParameter({ name, value: 'old' });
  const config = rotating(world, [], {
    searches: [{ service: 'ssm', path: '/app1/', folders: [{ path: '', mode: '0444', slash: '_' }] }],
  });
  const happens = () => {
    world.aws.deleteParameter('/app1/a');
    world.aws.setParameter({ name: '/app1/b', value: 'new' });
    world.aws.setParameter({ name: '/app1/c', value: 'c' });
  };
  const { lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(2) });
  t.strictSame(['a', 'b', 'c'].map(world.read), ['old', 'new', 'c']);
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ subject: '/app1/a' }],
  );
});

t.test('a parameter that became a folder, or the other way round, gives way to what is there now', async (t) => {
  const world = await setUp(t);
  for (const name of ['/app1/file', '/app1/folder/x', '/app1/gone']) world.aws.setParameter({ name, value: 'old' });
  const config = rotating(world, [], {
    searches: [{ service: 'ssm', path: '/app1/', folders: [{ path: '', mode: '0444', slash: '/' }] }],
  });
  const happens = () => {
    for (const name of ['/app1/file', '/app1/folder/x']) world.aws.deleteParameter(name);
    for (const name of ['/app1/file/x', '/app1/folder']) world.aws.setParameter({ name, value: 'new' });
  };
  const { lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(2) });
  t.strictSame(['file/x', 'folder', 'gone'].map(world.read), ['new', 'new', 'old']);
  t.strictSame(
    lines.filter(({ level }) => level === 'error'),
    [],
  );
});

t.test('a container that starts again has only the files and variables that AWS has then', async (t) => {
  const world = await setUp(t);
  const directory = '/run/aws-secrets-injector/environment';
  mkdirSync(join(world.root, directory));
  for (const name of ['/app1/a', '/app1/b']) world.aws.setParameter({ name, value: 'old' });
  world.aws.setSecret({ name: 'sometimes', value: 'v' });
  const environment = [{ path: 'SOMETIMES', key: 'SOMETIMES', optional: true as const }];
  const config = rotating(world, [{ service: 'secretsmanager', name: 'sometimes', environment }], {
    searches: [{ service: 'ssm', path: '/app1/', folders: [{ path: '', mode: '0444', slash: '/' }] }],
    environment: { directory, delivery: 'kubelet' },
  });
  const variable = () => readVariable(readFileSync(join(world.root, directory, 'SOMETIMES')), 'SOMETIMES')?.toString();
  await watch(world, config, { limit: 1_000 });
  t.equal(variable(), 'v');
  world.aws.deleteParameter('/app1/a');
  world.aws.deleteSecret('sometimes');
  await watch(world, config, { limit: 10_000 });
  const names = readdirSync(join(world.root, config.directory)).filter((name) => !name.startsWith('..'));
  t.strictSame(names, ['b']);
  t.equal(variable(), undefined);
});

t.test('credentials are fetched anew for each look, with the token that the file has then', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  await watch(world, rotating(world, [secret('db')]), { limit: after(3) });
  t.equal(world.aws.calls.filter(({ service }) => service === 'sts').length, 4);
});

t.test("a node's clock that is set an hour back is corrected by AWS's", async (t) => {
  let ahead = 0;
  const world = await createWorld(t, undefined, { now: () => new Date(Date.now() + ahead) });
  addState(t, world.root);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const happens = () => {
    ahead = 3_600_000;
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  const { lines } = await watch(world, rotating(world, [secret('db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(1),
  });
  t.equal(world.read('db'), 'new');
  t.strictSame(
    lines.filter(({ level }) => level === 'error'),
    [],
  );
});

t.test('the first run fails as an init container does, and writes nothing', async (t) => {
  const world = await setUp(t);
  const { outcome } = await watch(world, rotating(world, [secret('none')]), { limit: after(9) });
  t.match(outcome, { exitCode: 10, message: /Failed fetching secret none: ResourceNotFoundException/ });
  t.strictSame(world.files(), []);
});

t.test('a container that starts again while AWS is down goes on with the files that it has', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { limit: 1_000 });
  const end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  world.aws.setSecret({ name: 'db', value: 'new' });
  const happenings = [{ at: after(3), happens: () => end() }];
  const { outcome, lines } = await watch(world, config, { happenings, limit: after(8) });
  t.equal(outcome, undefined);
  t.match(messages(lines).join('\n'), /ASI_AWS_UNAVAILABLE.*last value/);
  t.equal(world.read('db'), 'new');
});

t.test('a container that starts again while AWS is down keeps the pod waiting for some seconds only', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { limit: 1_000 });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  const { lines } = await watch(world, config, { limit: 15_000 });
  await waitForFiles(world.root);
  t.notMatch(messages(lines).join('\n'), 'AWS is asked for changes', 'the first look goes on');
});

t.test('without the volume of the state it ends with a sentence', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  const { outcome } = await watch(world, rotating(world, [secret('db')]));
  t.match(outcome, { exitCode: 20, message: /ASI_ROT_STATE/ });
});

t.test('a restart of the pod comes once for each change, at a time of its own within the interval', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')], { rotation: { seconds: INTERVAL, restart: 'pod' } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const { outcome, lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(2) });
  t.match(outcome, { exitCode: RESTART_EXIT_CODE, message: /Secrets changed/ });
  t.equal(world.read('db'), 'new');
  t.match(messages(lines).join('\n'), 'The pod restarts in 33 s.');
  const next = await watch(world, config, { limit: after(5) });
  t.equal(next.outcome, undefined, 'and not again without a change');
});

t.test('a restart that a killed process did not come to is made up for', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')], { rotation: { seconds: INTERVAL, restart: 'pod' } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const killed = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1) });
  t.equal(killed.outcome, undefined);
  const { outcome } = await watch(world, config, { limit: after(5) });
  t.match(outcome, { exitCode: RESTART_EXIT_CODE });
});

t.test('nothing is left in the volume but the current files and those before', async (t) => {
  const world = await setUp(t);
  world.aws.setSecret({ name: 'db', value: '0' });
  const happenings = Array.from({ length: 20 }, (_, index) => ({
    at: after(index),
    happens: () => void world.aws.setSecret({ name: 'db', value: `${index + 1}` }),
  }));
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { happenings, limit: after(21) });
  t.equal(world.read('db'), '20');
  t.equal(readdirSync(join(world.root, config.directory)).filter((name) => /^\.\.\d/.test(name)).length, 2);
});

/** Tests that secrets that change while the pod runs change their files: the whole program with the real SDK against the in-memory AWS. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { after, createRotatingWorld, messagesOf, rotating, watch } from '../support/rotation.ts';
import { parameter, secret, type World } from '../support/world.ts';

const CANARY = 'canary-7f3a9c';

const asked = (world: World) =>
  world.aws.calls.filter(({ service }) => service !== 'sts').map(({ operation }) => operation);

t.test('a value that changed is in its file after the next look, and one log line says so', async (t) => {
  const world = await createRotatingWorld(t);
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
  const world = await createRotatingWorld(t);
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
  const world = await createRotatingWorld(t);
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
  const world = await createRotatingWorld(t);
  const { versionId } = world.aws.setSecret({ name: 'pinned', value: 'p' });
  const config = rotating(world, [secret('pinned', { version: versionId })]);
  await watch(world, config, { happenings: [{ at: 1_000, happens: world.aws.forget }], limit: after(3) });
  t.strictSame(world.aws.calls, []);
});

t.test('a new version with the same value changes nothing and is no news', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'same' });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'same' });
  const { lines } = await watch(world, rotating(world, [secret('db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(messagesOf(lines), ['info: All files are written.', 'info: AWS is asked for changes every 60 s.']);
});

t.test('a parameter that was deleted and made anew is a change, although its version is 1 again', async (t) => {
  const world = await createRotatingWorld(t);
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

t.test('what a search finds comes and changes; what it does not find any more stays', async (t) => {
  const world = await createRotatingWorld(t);
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
  const world = await createRotatingWorld(t);
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

t.test('credentials are fetched anew for each look, with the token that the file has then', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  await watch(world, rotating(world, [secret('db')]), { limit: after(3) });
  t.equal(world.aws.calls.filter(({ service }) => service === 'sts').length, 4);
});

t.test("a node's clock that is set an hour back is corrected by AWS's", async (t) => {
  let ahead = 0;
  const world = await createRotatingWorld(t, { now: () => new Date(Date.now() + ahead) });
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

t.test('nothing is left in the volume but the current files and those before', async (t) => {
  const world = await createRotatingWorld(t);
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

/** Objects whose names only AWS knows: below a path, with a prefix, with tags. */
import t, { type Test } from 'tap';
import type { ConfigSearch, InjectorConfig } from '../../../injector/contract/config.ts';
import type { Statement } from '../../aws/server.ts';
import { createWorld } from '../support/world.ts';

const folders = [{ path: '', mode: '0444', slash: '_' }];

const below = (path: string, more: object = {}): ConfigSearch => ({ service: 'ssm', path, folders, ...more });

const those = (more: Partial<Extract<ConfigSearch, { service: 'secretsmanager' }>>): ConfigSearch => ({
  service: 'secretsmanager',
  folders,
  ...more,
});

async function start(t: Test, policy?: Statement[]) {
  const world = await createWorld(t, policy);
  const search = (searches: ConfigSearch[], more: Partial<InjectorConfig> = {}) =>
    world.run(world.config([], { searches, ...more }));
  const operations = () => [...new Set(world.aws.calls.map(({ operation }) => operation))];
  return { ...world, search, operations };
}

t.test('a path brings all its parameters, through empty pages and faults half-way', async (t) => {
  const { aws, search, files, read } = await start(t);
  const names = Array.from({ length: 35 }, (_, index) => `deep/${index}`);
  for (const name of names) aws.setParameter({ name: `/app1/${name}`, value: name, type: 'SecureString' });
  aws.setParameter({ name: '/app10/other', value: 'x' });
  aws.fault({ service: 'ssm', effect: { kind: 'throttle' }, times: 3 });
  const { exitCode, message } = await search([below('/app1/')]);
  t.equal(exitCode, 0, message);
  t.equal(files().length, 35);
  t.equal(read('deep_17'), 'deep/17');
});

t.test('a page that fails does not begin the list anew', async (t) => {
  const { aws, search, files } = await start(t);
  for (let index = 0; index < 50; index += 1) aws.setParameter({ name: `/a/${index}`, value: 'x' });
  const healthy = { service: 'ssm', effect: { kind: 'delay', ms: 0 }, times: 3 } as const;
  aws.fault(healthy);
  aws.fault({ service: 'ssm', effect: { kind: 'status', status: 500 }, times: 1 });
  await search([below('/a')]);
  const calls = aws.calls.filter(({ operation }) => operation === 'GetParametersByPath').length;
  t.equal(files().length, 50);
  t.equal(calls, 7, 'five pages, the empty one, and the one that failed');
});

t.test('a prefix brings the secrets of that very beginning, twenty at a time', async (t) => {
  const { aws, search, files, bytes, operations } = await start(t);
  for (let index = 0; index < 45; index += 1) aws.setSecret({ name: `app1/${index}`, value: `v${index}` });
  aws.setSecret({ name: 'app1/bytes', value: new Uint8Array([0, 255]) });
  aws.setSecret({ name: 'app10', value: 'x' });
  aws.setSecret({ name: 'App1/upper', value: 'x' });
  aws.setSecret({ name: 'app1/deleted', value: 'x' });
  aws.deleteSecret('app1/deleted');
  const { exitCode, message } = await search([those({ prefix: 'app1/' })]);
  t.equal(exitCode, 0, message);
  t.equal(files().length, 46);
  t.strictSame([...bytes('app1_bytes')], [0, 255]);
  t.strictSame(operations(), ['AssumeRoleWithWebIdentity', 'ListSecrets', 'BatchGetSecretValue']);
});

t.test('tags are compared whole and together', async (t) => {
  const { aws, search, files } = await start(t);
  aws.setSecret({ name: 'both', value: 'x', tags: { team: 'shop', stage: 'prod' } });
  aws.setSecret({ name: 'longer', value: 'x', tags: { team: 'shopping', stage: 'prod' } });
  aws.setSecret({ name: 'crossed', value: 'x', tags: { other: 'shop', team: 'x', stage: 'prod' } });
  aws.setSecret({ name: 'one', value: 'x', tags: { team: 'shop' } });
  const { exitCode, message } = await search([those({ tags: { team: 'shop', stage: 'prod' } })]);
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['both']);
});

t.test('tags bring parameters of any path by their whole names, ten at a time', async (t) => {
  const { aws, search, files, read, operations } = await start(t);
  const tags = { team: 'shop', stage: 'prod' };
  for (let index = 0; index < 24; index += 1) {
    aws.setParameter({ name: `/a/${index}`, value: `v${index}`, type: 'SecureString', tags });
  }
  aws.setParameter({ name: 'plain', value: 'p', tags: { ...tags, more: 'x' } });
  aws.setParameter({ name: '/a/one', value: 'x', tags: { team: 'shop' } });
  aws.setParameter({ name: '/a/none', value: 'x' });
  aws.fault({ service: 'ssm', effect: { kind: 'throttle' }, times: 2 });
  const { exitCode, message } = await search([below('/', { tags })]);
  t.equal(exitCode, 0, message);
  t.equal(files().length, 25);
  t.strictSame([read('_a_17'), read('plain')], ['v17', 'p']);
  t.strictSame(operations(), ['AssumeRoleWithWebIdentity', 'DescribeParameters', 'GetParameters']);
});

t.test('tags below a path bring no parameter of elsewhere', async (t) => {
  const { aws, search, files } = await start(t);
  for (const name of ['/a/b', '/ab', '/c/a/b']) aws.setParameter({ name, value: 'x', tags: { team: 'shop' } });
  const { exitCode, message } = await search([below('/a/', { tags: { team: 'shop' } })]);
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['_a_b']);
  const { message: nothing } = await search([below('/a/', { tags: { team: 'stock', stage: 'prod' } })]);
  t.match(nothing, 'There are no parameters below /a/ with the tag team=stock and the tag stage=prod in eu-west-1.');
});

t.test('a role that may not describe parameters is told the action', async (t) => {
  const { aws, search } = await start(t, [{ actions: ['ssm:GetParameters'], resources: ['*'] }]);
  aws.setParameter({ name: '/a/b', value: 'x', tags: { team: 'shop' } });
  const { message } = await search([below('/a', { tags: { team: 'shop' } })]);
  t.match(message, /Allow ssm:DescribeParameters on /);
});

t.test('what a filter of AWS can not say is compared here', async (t) => {
  const { aws, search, files } = await start(t);
  aws.setSecret({ name: '!mine', value: 'x' });
  aws.setSecret({ name: 'mine', value: 'x', tags: { größe: '!' } });
  aws.setSecret({ name: 'other', value: 'x', tags: { größe: '?' } });
  await search([those({ prefix: '!' })]);
  t.strictSame(files(), ['!mine']);
  await search([those({ tags: { größe: '!' } })]);
  t.strictSame(files(), ['mine']);
});

const READ: Statement = { actions: ['secretsmanager:GetSecretValue'], resources: ['*'] };
const LIST: Statement = { actions: ['secretsmanager:ListSecrets'], resources: ['*'] };

t.test('without BatchGetSecretValue the secrets are read one by one, and the log says so once', async (t) => {
  const { aws, search, files } = await start(t, [READ, LIST]);
  for (let index = 0; index < 45; index += 1) aws.setSecret({ name: `app1/${index}`, value: 'x' });
  const { exitCode, message, log } = await search([those({ prefix: 'app1/' })]);
  t.equal(exitCode, 0, message);
  t.equal(files().length, 45);
  t.equal(log.split('secretsmanager:BatchGetSecretValue on * is not allowed').length, 2);
});

t.test('each permission that is missing is named', async (t) => {
  const BATCH: Statement = { actions: ['secretsmanager:BatchGetSecretValue'], resources: ['*'] };
  const open: Statement = { ...READ, resources: ['*:secret:app1/open-*'] };
  const cases: { policy: Statement[]; searches: ConfigSearch[]; says: string[] }[] = [
    { policy: [], searches: [those({ prefix: 'app1/' })], says: ['Allow secretsmanager:ListSecrets on * in'] },
    {
      policy: [LIST, BATCH, open],
      searches: [those({ prefix: 'app1/' })],
      says: ['a', 'b'].map(
        (name) =>
          `Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:app1/${name}-?????? in`,
      ),
    },
    {
      policy: [],
      searches: [below('/app1')],
      says: ['Allow ssm:GetParametersByPath on arn:aws:ssm:eu-west-1:123456789012:parameter/app1 in'],
    },
  ];
  for (const { policy, searches, says } of cases) {
    const { aws, search } = await start(t, policy);
    for (const name of ['app1/open', 'app1/a', 'app1/b']) aws.setSecret({ name, value: 'x' });
    const { exitCode, message } = await search(searches);
    t.equal(exitCode, 10);
    for (const text of says) t.match(message, text);
  }
});

t.test('nothing found is a failure, unless all that it is for may be missing', async (t) => {
  const { search, files } = await start(t);
  const { exitCode, message, elapsed } = await search([below('/none/'), those({ prefix: 'none/', tags: { a: 'b' } })]);
  t.equal(exitCode, 10);
  t.ok(elapsed >= 15_000 && elapsed < 16_000, `${elapsed} ms: it may not be there yet`);
  t.match(message, 'There are no parameters below /none/ in eu-west-1.');
  t.match(message, 'There are no secrets with the prefix none/ and the tag a=b in eu-west-1.');
  const optional = [{ path: '', mode: '0444', slash: '_', optional: true as const }];
  t.equal((await search([below('/none/', { folders: optional })])).exitCode, 0);
  t.strictSame(files(), []);
});

t.test('the second region is searched where the first one fails, and not before', async (t) => {
  const { aws, search, read } = await start(t);
  for (const region of ['eu-west-1', 'eu-central-1']) {
    aws.setParameter({ name: '/a/p', value: region, region });
    aws.setSecret({ name: 'a/s', value: region, region });
  }
  const failoverRegion = 'eu-central-1';
  const searches = [below('/a', { failoverRegion }), those({ prefix: 'a/', failoverRegion })];
  await search(searches);
  t.notOk(aws.calls.some(({ region }) => region === failoverRegion));
  for (const service of ['ssm', 'secretsmanager'] as const) {
    aws.fault({ service, region: 'eu-west-1', effect: { kind: 'access-denied' } });
  }
  const { exitCode, message } = await search(searches);
  t.equal(exitCode, 0, message);
  t.strictSame([read('p'), read('a_s')], [failoverRegion, failoverRegion]);
});

t.test('a secret that goes while it is searched for is none of them', async (t) => {
  const { aws, search, files } = await start(t, [READ, LIST]);
  aws.setSecret({ name: 'a/1', value: 'x' });
  aws.setSecret({ name: 'a/2', value: 'x' });
  aws.fault({
    operation: 'GetSecretValue',
    name: 'a/2',
    effect: { kind: 'error', code: 'ResourceNotFoundException', message: "Secrets Manager can't find it." },
  });
  const { exitCode, message } = await search([those({ prefix: 'a/' })]);
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['a_1']);
});

t.test('the path / brings every parameter of every folder, without the slash before its name', async (t) => {
  const { aws, search, files } = await start(t);
  for (const name of ['/plain', '/app1/deep']) aws.setParameter({ name, value: 'x' });
  const { exitCode, message } = await search([below('/')]);
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['app1_deep', 'plain']);
});

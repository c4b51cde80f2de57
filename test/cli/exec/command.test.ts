import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import t from 'tap';
import { type Developer, startDeveloper } from '../support/developer.ts';

const VALUE = '{"username":"shop","password":"pa\\"ss $word","port":5432}';

/** Returns a script for Node that prints what the expression has. */
const print = (expression: string) => [
  ...['--', process.execPath, '-e'],
  `const fs = require('node:fs'); const { env } = process; const root = env.AWS_SECRETS_INJECTOR_ROOT;
  console.log(JSON.stringify(${expression}))`,
];

const WEB = ['exec', '-f', 'web.yaml'];

function seed({ aws }: Developer): void {
  aws.setSecret({ name: 'shop/db', value: VALUE });
  aws.setParameter({ name: '/shop/api-key', value: 'key', type: 'SecureString' });
  aws.setSecret({ name: 'shop/one', value: '1' });
  aws.setSecret({ name: 'shop/two', value: '2' });
}

t.test('a command gets the files of the pod below a folder, with their contents and modes', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const paths = `['mnt/secrets-store/db.json', 'mnt/secrets-store/keys/api', 'etc/app/password']`;
  const look = `(p) => [fs.readFileSync(root + '/' + p, 'utf8'), (fs.statSync(root + '/' + p).mode & 0o777).toString(8)]`;
  const { code, out, err } = await developer.run([...WEB, ...print(`${paths}.map(${look})`)]);
  t.equal(code, 0, err);
  t.same(JSON.parse(out), [
    [VALUE, '644'],
    ['key', '644'],
    ['pa"ss $word', '644'],
  ]);
});

t.test('the folder is open to the user only, and gone afterwards', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const { out, err } = await developer.run([...WEB, ...print('[root, fs.statSync(root).mode & 0o777]')]);
  const [root, mode] = JSON.parse(out);
  t.equal(mode, 0o700);
  t.match(err, `AWS_SECRETS_INJECTOR_ROOT=${root}, in memory`);
  t.notOk(existsSync(root));
});

t.test('a command gets the variables of the kubelet, but for those that the container sets itself', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const { out } = await developer.run(
    [...WEB, ...print('[env.DB_PASSWORD, env.DB_PORT ?? null, env.MINE, env.DB_URL]')],
    {
      MINE: 'mine',
    },
  );
  t.same(JSON.parse(out), ['pa"ss $word', null, 'mine', 'pg://shop:pa%22ss%20%24word@db']);
});

t.test('a command gets the variables of the shell delivery in the container that -c names', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const shell = (container: string) => ['exec', '-f', 'shell.yaml', '-c', container];
  const variables = print('[env.username, env.password, env.port ?? null, root ?? null]');
  const main = await developer.run([...shell('main'), ...variables]);
  t.same(JSON.parse(main.out), ['shop', 'pa"ss $word', null, null]);
  t.equal(main.err, '');
  const helper = await developer.run([...shell('helper'), ...variables]);
  t.same(JSON.parse(helper.out), ['shop', 'pa"ss $word', '5432', null]);
});

t.test('--object chooses one of several pods', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const { out } = await developer.run(['exec', '-f', 'several.yaml', '--object', 'pod/two', ...print('env.WHO')]);
  t.equal(JSON.parse(out), '2');
});

t.test('the exit code is that of the command', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  t.equal((await developer.run([...WEB, '--', 'sh', '-c', 'exit 42'])).code, 42);
  t.equal((await developer.run([...WEB, '--', 'sh', '-c', 'kill -KILL $$'])).code, 137);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} is passed on, and the folder is gone when the command has ended`, async (t) => {
    const developer = await startDeveloper(t);
    seed(developer);
    const script = `process.on('${signal}', () => { console.log('cleaned up'); process.exit(7); });
      setInterval(() => {}, 1000); console.log('up ' + process.env.AWS_SECRETS_INJECTOR_ROOT + ' end');`;
    const { child, printed, finished } = developer.start([...WEB, '--', process.execPath, '-e', script]);
    await printed(' end');
    child.kill(signal);
    const { code, out } = await finished;
    t.equal(code, 7);
    t.match(out, 'cleaned up');
    t.notOk(existsSync(/up (\S+) end/.exec(out)?.[1] ?? '/'));
  });
}

t.test('the folder is gone if the command can not be started', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const { code, err } = await developer.run([...WEB, '--', 'there-is-no-such-program']);
  t.equal(code, 127);
  t.match(err, /there-is-no-such-program can not be started: there is no such program\./);
  t.notOk(existsSync(/ROOT=([^,]+)/.exec(err)?.[1] ?? '/'));
});

t.test('the folder is gone if nobody reads the messages', async (t) => {
  const developer = await startDeveloper(t);
  seed(developer);
  const place = mkdtempSync('/dev/shm/exec-test-');
  t.teardown(() => rmSync(place, { recursive: true }));
  const { child, finished } = developer.start([...WEB, '--', 'echo', 'ran'], { XDG_RUNTIME_DIR: place });
  child.stderr?.destroy();
  const { out } = await finished;
  t.equal(out, '');
  t.same(readdirSync(place), []);
});

t.test('what AWS denies is explained for the developer, and the command does not run', async (t) => {
  const developer = await startDeveloper(t, [{ actions: ['sts:*', 'ssm:*'], resources: ['*'] }]);
  seed(developer);
  const { code, out, err } = await developer.run([...WEB, '--', 'echo', 'ran']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, 'with the role arn:aws:iam::123456789012:user/dev');
  t.match(
    err,
    'Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-??????',
  );
  t.notMatch(err, /AWS_SECRETS_INJECTOR_ROOT/);
});

t.test('a permanent error is not tried again', async (t) => {
  const developer = await startDeveloper(t);
  const { code, err } = await developer.run(['exec', '-f', 'several.yaml', '--object', 'pod/one', '--', 'echo']);
  t.equal(code, 1);
  t.match(err, '[ASI_AWS_NOT_FOUND]');
  t.equal(developer.aws.calls.filter(({ operation }) => operation === 'GetSecretValue').length, 1);
});

t.test('the region of --region is asked before that of the environment', async (t) => {
  const developer = await startDeveloper(t);
  developer.aws.setSecret({ name: 'shop/one', value: 'far', region: 'eu-central-1' });
  const args = ['exec', '-f', 'several.yaml', '--object', 'pod/one', '--region', 'eu-central-1', ...print('env.WHO')];
  t.equal(JSON.parse((await developer.run(args)).out), 'far');
});

const wrong: Record<
  string,
  readonly [code: number, args: readonly string[], says: RegExp, more?: Record<string, string>]
> = {
  'several pods': [2, ['-f', 'several.yaml'], /Several pods .*Pod default\/one, Pod default\/two.*--object KIND\/NAME/],
  'no pod of the name': [2, ['-f', 'several.yaml', '--object', 'pod/six'], /No pod .* with the name pod\/six/],
  'several containers': [2, ['-f', 'shell.yaml'], /Several containers of Pod default\/job .*main, helper.*-c/],
  'no container of the name': [
    2,
    ['-f', 'web.yaml', '-c', 'db'],
    /no container db that gets secrets; those that do: web/,
  ],
  'a pod that would be refused': [
    1,
    ['-f', 'refused.yaml'],
    /Pod default\/web: files: .*\[ASI_ADMIT_INVALID_FILE_NAME\]/,
  ],
  'no region': [
    2,
    ['-f', 'web.yaml'],
    /The region is not known: say it by --region, by AWS_REGION/,
    { AWS_REGION: '' },
  ],
  'no credentials': [2, ['-f', 'web.yaml'], /There are no AWS credentials: .*AWS_PROFILE/, { AWS_ACCESS_KEY_ID: '' }],
  'credentials that AWS does not know': [
    ...([2, ['-f', 'web.yaml'], /AWS does not take the credentials: InvalidClientTokenId: /] as const),
    { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' },
  ],
};
for (const [name, [code, args, says, more]] of Object.entries(wrong)) {
  t.test(`${name}: the command does not run`, async (t) => {
    const developer = await startDeveloper(t);
    seed(developer);
    const ran = await developer.run(['exec', ...args, '--', 'echo', 'ran'], more);
    t.equal(ran.code, code);
    t.equal(ran.out, '');
    t.match(ran.err, says);
  });
}

t.test('no message has a value or the key of the developer', async (t) => {
  const developer = await startDeveloper(t);
  developer.aws.setSecret({ name: 'shop/db', value: '{"password":"it\'s a secret","port":1}' });
  developer.aws.setParameter({ name: '/shop/api-key', value: 'key', type: 'String' });
  const { code, err } = await developer.run([...WEB, '--', 'echo', 'ran']);
  t.equal(code, 1);
  t.match(err, '[ASI_ENV_VALUE]');
  t.notMatch(err, /a secret|wJalrXUtnFEMI/);
});

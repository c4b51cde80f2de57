import t from 'tap';
import { startDeveloper } from '../support/developer.ts';

t.test('prints the name, the version and the keys of a secret, and no value', async (t) => {
  const { aws, run } = await startDeveloper(t);
  const { versionId } = aws.setSecret({ name: 'shop/db', value: '{"user":"u-value","password":"p-value"}' });
  const { code, out } = await run(['get', 'shop/db']);
  t.equal(code, 0);
  t.equal(
    out,
    `shop/db\n  service  Secrets Manager\n  region   eu-west-1\n  version  ${versionId}\n  size     39 bytes\n  keys     "user", "password"\n`,
  );
});

t.test('--reveal prints the bytes of a value, and nothing else', async (t) => {
  const { aws, run } = await startDeveloper(t);
  aws.setSecret({ name: 'shop/text', value: 'no line break at the end' });
  aws.setSecret({ name: 'shop/db', value: '{"port": 1.10}' });
  t.match(await run(['get', 'shop/text', '--reveal']), { code: 0, out: /^no line break at the end$/, err: '' });
  t.match(await run(['get', 'shop/db#port', '--reveal']), { out: /^1\.10$/ });
});

t.test('an older version of a parameter is printed with its number', async (t) => {
  const { aws, run } = await startDeveloper(t);
  for (const value of ['one', 'two']) aws.setParameter({ name: '/shop/key', value, type: 'SecureString' });
  t.match((await run(['get', 'ssm:/shop/key'])).out, 'version  2\n');
  t.match((await run(['get', 'ssm:/shop/key?version=1'])).out, 'version  1\n');
});

t.test('a path prints all parameters below it as JSON', async (t) => {
  const { aws, run } = await startDeveloper(t);
  aws.setParameter({ name: '/shop/a', value: 'a', type: 'String' });
  aws.setParameter({ name: '/shop/b/c', value: 'bc', type: 'String' });
  const { out } = await run(['get', 'ssm:/shop/', '-o', 'json']);
  const common = { service: 'ssm', region: 'eu-west-1', version: '1' };
  t.same(JSON.parse(out), [
    { name: '/shop/a', ...common, bytes: 1 },
    { name: '/shop/b/c', ...common, bytes: 2 },
  ]);
});

t.test('an ARN is asked in its own region', async (t) => {
  const { aws, run } = await startDeveloper(t);
  const { arn } = aws.setSecret({ name: 'far', value: 'far away', region: 'eu-central-1' });
  t.match(await run(['get', arn, '--reveal']), { code: 0, out: 'far away' });
});

t.test('what AWS does not have is explained, with exit code 1', async (t) => {
  const { run } = await startDeveloper(t);
  const { code, out, err } = await run(['get', 'shop/none', '--reveal']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /^Failed to fetch.*shop\/none.*\[ASI_AWS_NOT_FOUND\]\n$|shop\/none.*\[ASI_AWS_NOT_FOUND\]\n$/);
});

const wrong: Record<string, readonly [args: readonly string[], says: RegExp]> = {
  'a reference that is none': [['ssm:shop/key'], /The reference ssm:shop\/key .*ssm:\/shop\/key/],
  'a path with --reveal': [['ssm:/shop/', '--reveal'], /all parameters below a path: --reveal prints the value of one/],
};
for (const [name, [args, says]] of Object.entries(wrong)) {
  t.test(`${name} is wrong use`, async (t) => {
    const { run } = await startDeveloper(t);
    t.match(await run(['get', ...args]), { code: 2, out: '', err: says });
  });
}

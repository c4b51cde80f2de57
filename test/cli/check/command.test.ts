/** Tests what `check` writes about an installation, and that it leaves nothing in the cluster. */
import t from 'tap';
import { parse } from 'yaml';
import { check, itemsOf, named } from '../support/check.ts';
import { startInstallation } from '../support/installation.ts';

t.test('finds nothing wrong with an installation that works', async (t) => {
  const { code, out, err } = await check(await startInstallation(t));
  t.equal(err, '');
  t.equal(code, 0);
  t.notMatch(out, /PROBLEM|To do:|^\?/m);
  t.match(out, /\n\d+ items checked: nothing wrong\.\n$/);
});

t.test('keeps nothing of the pod of the dry run, and asks for a dry run', async (t) => {
  const server = await startInstallation(t);
  await check(server);
  t.same(server.stored('/api/v1/pods'), []);
  const created = server.calls.filter(({ kind, path }) => kind === 'create' && path.endsWith('/pods'));
  t.same(
    created.map(({ query }) => query.get('dryRun')),
    ['All'],
  );
});

t.test('repeats nothing of the Secret with the key', async (t) => {
  const server = await startInstallation(t);
  const secret = server.get('/api/v1/secrets', 'aws-secrets-injector-tls');
  const { out } = await check(server, ['-o', 'json']);
  for (const value of Object.values(secret?.data ?? {})) {
    t.notMatch(out, value.slice(100, 160));
    t.notOk(out.includes(Buffer.from(value, 'base64').toString().slice(100, 160)));
  }
});

t.test('says what an old API server can not do', async (t) => {
  const server = await startInstallation(t);
  const at = async (minor: string) => {
    server.state.serverVersion = { major: '1', minor, gitVersion: `v1.${minor}.0` };
    return named(await itemsOf(server), 'kubernetes-version')?.result;
  };
  t.same([await at('29'), await at('30+'), await at('35')], ['problem', 'note', 'ok']);
});

t.test('writes YAML that says the same as JSON', async (t) => {
  const server = await startInstallation(t);
  t.same(parse((await check(server, ['-o', 'yaml'])).out).items, await itemsOf(server));
});

/** The commands on files take no version for the one that counts where the files hold an object in several. */
import t from 'tap';
import { runIn } from '../support/run.ts';

const KNOWN = ['-f', 'dev', '-f', 'prod', '--region', 'eu-west-1', '--kubernetes', '1.35'];
const run = (command: string, ...args: string[]) => runIn('versions', [command, ...KNOWN, ...args]);

t.test('lint says that it did not check the role and the class', async (t) => {
  const { code, out } = await run('lint', '-f', 'declaring');
  t.equal(code, 0);
  for (const what of ['ServiceAccount default/shop', 'SecretProviderClass default/shop'])
    t.match(out, `Note: The ${what} is in the files in versions that differ, so that `);
});

t.test('lint says that it did not check a pod of an ExternalSecret', async (t) => {
  const { code, out } = await run('lint', '-f', 'synced', '-f', 'external');
  t.equal(code, 0);
  t.match(out, 'Note: The ExternalSecret default/shop-api is in the files in versions that differ, so that ');
});

t.test('inject changes nothing', async (t) => {
  const { code, out, err } = await run('inject', '-f', 'declaring/role.yaml');
  t.equal(code, 1);
  t.equal(out, '');
  t.match(
    err,
    'The role of its ServiceAccount is not known: name one file of the ServiceAccount by --with, and no other.',
  );
});

t.test('iam-policy names the ServiceAccount, and none of its roles', async (t) => {
  const { out } = await run('iam-policy', '-f', 'declaring/role.yaml');
  t.match(JSON.parse(out).roles, [{ role: 'role of ServiceAccount default/shop' }]);
});

t.test('--complete needs one version of each object', async (t) => {
  const { code, err } = await run('lint', '--complete');
  t.equal(code, 2);
  t.match(
    err,
    /--complete .*ServiceAccount default\/shop, SecretProviderClass default\/shop, SecretStore default\/aws/,
  );
});

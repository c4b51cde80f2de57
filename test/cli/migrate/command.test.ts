import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/migrate');
const OPTIONS = ['--with', 'platform/store.yml', '--region', 'eu-west-1', '--kubernetes', '1.35'];
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const migrate = (args: readonly string[], input?: string) => runIn('migrate', ['migrate', ...args], input);

t.test('JSON is the report, with the policies as iam-policy prints them', async (t) => {
  const { code, out, err } = await migrate(['-f', 'extract.yaml', '-o', 'json', ...OPTIONS]);
  t.equal(code, 0);
  t.equal(err, '');
  const { objects, roles } = JSON.parse(out);
  t.match(objects, [
    { file: 'extract.yaml', document: 3, object: 'Deployment shop/shop', outcome: 'migrated' },
    { object: 'CronJob shop/shop-report', outcome: 'migrated' },
    { document: 1, object: 'ExternalSecret shop/shop-rails', outcome: 'not-needed' },
    { outcome: 'not-needed' },
  ]);
  const { out: migrated } = await migrate(['-f', 'extract.yaml', ...OPTIONS]);
  const policies = await runIn('migrate', ['iam-policy', '-f', '-', ...OPTIONS], migrated);
  t.same(roles, JSON.parse(policies.out).roles);
});

t.test('writes the files that change, and no others', async (t) => {
  const folder = t.testdir({ 'web.yaml': read('csi.yaml'), 'other.yaml': read('platform/store.yml') });
  const { code, out } = await migrate(['-f', folder, '--write', '--region', 'eu-west-1']);
  t.equal(code, 0);
  t.equal(out, '');
  t.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), /aws-secrets-injector\.dev\/files: \|\n/);
  t.equal(readFileSync(join(folder, 'other.yaml'), 'utf8'), read('platform/store.yml'));
});

t.test('reads ExternalSecrets and their stores from standard input', async (t) => {
  const known = ['--region', 'eu-west-1', '--kubernetes', '1.35'];
  const piped = await migrate(['-f', 'extract.yaml', '--with', '-', ...known], read('platform/store.yml'));
  t.same(piped, await migrate(['-f', 'extract.yaml', ...OPTIONS]));
});

t.test('can not write standard input', async (t) => {
  const { code, err } = await migrate(['-f', '-', '--write']);
  t.equal(code, 2);
  t.match(err, /--write can not change standard input/);
});

t.test('leaves a file as it is that is not YAML in one of its documents', async (t) => {
  const text = `${read('csi.yaml')}---\na: [`;
  const { code, out, err } = await migrate(['-f', '-', ...OPTIONS], text);
  t.equal(code, 1);
  t.equal(out, `${text}\n`);
  t.match(err, /^-:\d+:\d+: This is not YAML/);
});

t.test('says that a ServiceAccount needs a role', async (t) => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: shop, namespace: shop}\n---\n';
  const { code, out, err } = await migrate(['-f', '-', '--region', 'eu-west-1'], account + read('csi.yaml'));
  t.equal(code, 1);
  t.match(out, /aws-secrets-injector\.dev\/files/);
  t.match(err, /^The ServiceAccount shop\/shop has no role: make one with the policy below, and annotate/);
});

t.test('lets the shell set the variables where the cluster is too old for the kubelet to do it', async (t) => {
  const text = read('extract.yaml').replace('      - name: app\n', '      - name: app\n        command: [rails]\n');
  const old = ['--with', 'platform/store.yml', '--region', 'eu-west-1', '--kubernetes', '1.33'];
  const { code, out, err } = await migrate(['-f', '-', ...old], text);
  t.equal(code, 1);
  t.match(out, /aws-secrets-injector\.dev\/env-delivery: shell\n/);
  t.match(err, /CronJob shop\/shop-report stays as it is\.\n {2}.*ASI_ADMIT_ENV_DELIVERY/);
});

t.test('does not know the policy where it does not know the region', async (t) => {
  const { code, err } = await migrate(['-f', 'csi.yaml']);
  t.equal(code, 0);
  t.match(err, /The region is not known, so that the policies of some roles are not here: say it by --region/);
});

t.test('names the Secrets that nothing in the files makes', async (t) => {
  const { code, out, err } = await migrate(['-f', '-', '--diff', ...OPTIONS], read('extract.yaml').split('---\n')[2]);
  t.equal(code, 0);
  t.equal(out, '');
  t.equal(
    err,
    'Note: Nothing in the files makes these Secrets, so that they stay: shop/shop-rabbitmq, shop/shop-rails. ' +
      'If ExternalSecrets make them, name their files by --with.\n',
  );
});

t.test('an object that is in two of the files counts once', async (t) => {
  const { code } = await migrate(['-f', 'extract.yaml', '--diff', ...OPTIONS, '--with', 'extract.yaml']);
  t.equal(code, 0);
});

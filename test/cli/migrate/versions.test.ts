/** An object that files hold in several versions, as those of two environments or a base with its overlays: none of the versions is guessed. */
import t from 'tap';
import { runIn } from '../support/run.ts';

const migrate = (...args: string[]) =>
  runIn('versions', ['migrate', '--diff', '--region', 'eu-west-1', '--kubernetes', '1.35', ...args]);

t.test('pods stay as they are whose class or store the files hold in several versions', async (t) => {
  const { code, out, err } = await migrate('-f', 'dev', '-f', 'prod');
  t.equal(code, 1);
  t.equal(out, '');
  const differs = 'is in the files in versions that differ: name the file of only one.';
  for (const file of ['dev/shop.yaml', 'prod/shop.yaml']) {
    t.match(
      err,
      `${file}: Deployment default/files stays as it is.\n  The volume secrets: The SecretProviderClass shop ${differs}\n`,
    );
    t.match(
      err,
      `${file}: Deployment default/variables stays as it is.\n  The Secret shop-api can not be replaced: the SecretStore aws ${differs}\n`,
    );
  }
});

t.test('the environments are migrated one at a time', async (t) => {
  const { code, out, err } = await migrate('-f', 'dev');
  t.equal(code, 0);
  t.match(out, '+          db: dev/db\n');
  t.match(err, 'The role arn:aws:iam::111122223333:role/dev needs:\n');
});

t.test('Secrets stay whose ExternalSecret or class the files hold in several versions', async (t) => {
  const { code, out, err } = await migrate('-f', 'synced', '-f', 'dev');
  t.equal(code, 1);
  t.equal(out, '');
  t.match(
    err,
    'The Secret shop-api can not be replaced: The ExternalSecret shop-api is in the files in versions that differ',
  );
  t.match(
    err,
    'The Secret shop-db can not be replaced: The SecretProviderClass shop is in the files in versions that differ',
  );
});

for (const args of [
  ['-f', 'base', '-f', 'overlay'],
  ['-f', 'base', '--with', 'overlay'],
  ['-f', 'overlay', '--with', 'base'],
]) {
  t.test(
    `a Deployment and its overlay stay, as annotations of one would replace those of the other: ${args.join(' ')}`,
    async (t) => {
      const { code, out, err } = await migrate(...args);
      t.equal(code, 1);
      t.equal(out, '');
      t.match(
        err,
        /: Deployment default\/web stays as it is\.\n {2}(base|overlay)\/\S+\.yaml has it in another version, /,
      );
    },
  );
}

t.test('a Deployment that two files hold in one version is migrated in both', async (t) => {
  const { code, out } = await migrate('-f', 'base', '-f', 'base/web.yaml');
  t.equal(code, 0);
  t.equal(out.split('+          API_KEY: shop/api\n').length, 3);
});

t.test('objects whose names the API server makes are no versions of each other', async (t) => {
  const { code, out } = await migrate('-f', 'generated', '--with', 'base/shop.yaml');
  t.equal(code, 0);
  t.match(out, /API_KEY: shop\/api\n[\s\S]*API_TOKEN: shop\/token\n/);
});

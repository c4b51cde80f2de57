import { readFileSync } from 'node:fs';
import t from 'tap';
import { README } from '../../docs/scripts/pages.ts';
import { playQuickStart } from '../../docs/scripts/quick-start.ts';

const readme = readFileSync(README, 'utf8');

t.test('the quick start succeeds when it is pasted: its role, secrets and manifest fit together', async (t) => {
  const { files, message } = await playQuickStart(readme);
  t.equal(message, '');
  t.same(files, { 'db-password': 'correct horse', 'api-key': 'battery-staple' });
});

t.test('the quick start fails where its role may not read what it declares', async (t) => {
  const { files, message } = await playQuickStart(readme.replace('secret:shop/db-??????', 'secret:other-??????'));
  t.match(message, /ASI_AWS_DENIED/);
  t.same(files, {});
});

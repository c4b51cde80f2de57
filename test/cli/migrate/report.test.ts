/** Compares what `migrate` changes in each fixture, as a difference, and what it says about it, with the files beside the fixture. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/migrate');
const OPTIONS = ['--with', 'platform/store.yml', '--region', 'eu-west-1', '--kubernetes', '1.35'];

/** The fixtures in which something stays as it is. */
const STAYS = new Set(['cannot', 'partly']);

const names = globSync('*.yaml', { cwd: FOLDER }).map((name) => name.slice(0, -'.yaml'.length));
t.ok(names.length >= 11, 'the folder has been found');

for (const name of names) {
  t.test(`${name}: changes what the difference shows, and says what is left`, async (t) => {
    const { code, out, err } = await runIn('migrate', ['migrate', '-f', `${name}.yaml`, '--diff', ...OPTIONS]);
    t.equal(out, readFileSync(join(FOLDER, `${name}.diff`), 'utf8'));
    t.equal(err, readFileSync(join(FOLDER, `${name}.txt`), 'utf8'));
    t.equal(code, STAYS.has(name) ? 1 : 0);
  });

  t.test(`${name}: a second pass changes nothing`, async (t) => {
    const { out } = await runIn('migrate', ['migrate', '-f', `${name}.yaml`, ...OPTIONS]);
    const again = await runIn('migrate', ['migrate', '-f', '-', '--diff', ...OPTIONS], out);
    t.equal(again.out, '');
  });
}

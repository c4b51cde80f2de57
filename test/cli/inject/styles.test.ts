/** Injects manifests as people and programs write them: test/fixtures/cli/inject. Nothing but what is needed is added. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/inject');
const OPTIONS = ['--with', 'account.yml', '--region', 'eu-west-1', '--kubernetes', '1.35'];

const names = globSync('*.yaml', { cwd: FOLDER }).map((name) => name.slice(0, -'.yaml'.length));
t.ok(names.length >= 20, 'the folder has been found');

/** Returns whether the second text has all characters of the first one, in their order. */
function contains(after: string, before: string): boolean {
  let place = 0;
  for (const character of before) {
    place = after.indexOf(character, place) + 1;
    if (place === 0) return false;
  }
  return true;
}

for (const name of names) {
  t.test(`${name}: what was there stays, and a second pass changes nothing`, async (t) => {
    const before = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
    const { out } = await runIn('inject', ['inject', '-f', '-', ...OPTIONS], before);
    // An empty list gets items, and is no `[]` any more.
    t.ok(contains(out, before.replaceAll('[]', '')));
    const again = await runIn('inject', ['inject', '-f', '-', '--diff', ...OPTIONS], out);
    t.equal(again.out, '');
  });
}

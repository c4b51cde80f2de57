/** Lints each file in test/fixtures/cli/lint. `<case>.txt` is what comes out; `UPDATE_FIXTURES=1` writes it; read the diff. */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MISTAKES } from '../../../cli/lint/findings.ts';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/lint');

const names = globSync('*.yaml', { cwd: FOLDER }).map((name) => name.slice(0, -'.yaml'.length));
t.ok(names.length > 8, 'the folder has been found');

for (const name of names) {
  t.test(`${name}: says what is wrong, and where`, async (t) => {
    const { code, out } = await runIn('lint', ['lint', '-f', `${name}.yaml`]);
    const path = join(FOLDER, `${name}.txt`);
    if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(path, out);
    t.equal(out, existsSync(path) ? readFileSync(path, 'utf8') : '');
    t.equal(code, /: error: /.test(out) ? 1 : 0);
  });
}

t.test('each mistake of the catalogue is found in one of the files', async (t) => {
  const said = names.map((name) => join(FOLDER, `${name}.txt`)).filter((path) => existsSync(path));
  const all = said.map((path) => readFileSync(path, 'utf8')).join('');
  for (const code of Object.keys(MISTAKES)) t.match(all, code);
});

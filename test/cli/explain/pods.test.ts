/** Explains each pod in test/fixtures/cli/explain/pods. UPDATE_FIXTURES=1 writes the screens anew: review them in the diff. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { type Document, startCluster } from '../support/cluster.ts';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/explain/pods');

/** A pod of these cases gets what it declares, or declares nothing. */
const FINE = /^(done|sidecar-runs|waits-|nothing-declared|other-provider)/;

const names = globSync('*.yaml', { cwd: FOLDER }).map((name) => name.slice(0, -'.yaml'.length));
t.ok(names.length > 15, 'the folder has been found');

for (const name of names) {
  t.test(name, async (t) => {
    const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
    const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
    const { kubeConfig } = await startCluster(t, documents);
    const { code, out, err } = await runIn('.', ['explain', 'pod/web', '-n', 'shop'], { kubeConfig });
    const screen = join(FOLDER, `${name}.txt`);
    if (process.env['UPDATE_FIXTURES']) writeFileSync(screen, out);
    t.equal(err, '');
    t.equal(out, readFileSync(screen, 'utf8'));
    t.equal(code, FINE.test(name) ? 0 : 1);
    t.notMatch(out, /value-of-the-app/, 'what the app has of its own is not shown');
  });
}

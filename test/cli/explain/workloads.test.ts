/**
 * Explains the first object of each file in test/fixtures/cli/explain/workloads. UPDATE_FIXTURES=1 writes the screens anew: review
 * them in the diff.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { type Document, startCluster } from '../support/cluster.ts';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/explain/workloads');

/** The pods of these cases get what they declare. */
const FINE = /^(done|cron-job)/;

function documentsOf(name: string): Document[] {
  const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Document);
}

const names = globSync('*.yaml', { cwd: FOLDER }).map((name) => name.slice(0, -'.yaml'.length));
t.ok(names.length >= 5, 'the folder has been found');

for (const name of names) {
  t.test(name, async (t) => {
    const documents = documentsOf(name);
    const { kubeConfig } = await startCluster(t, documents);
    const target = `${documents[0]?.kind.toLowerCase()}/web`;
    const { code, out, err } = await runIn('.', ['explain', target, '-n', 'shop'], { kubeConfig });
    const screen = join(FOLDER, `${name}.txt`);
    if (process.env['UPDATE_FIXTURES']) writeFileSync(screen, out);
    t.equal(err, '');
    t.equal(out, readFileSync(screen, 'utf8'));
    t.equal(code, FINE.test(name) ? 0 : 1);
  });
}

t.test('a workload may be named by its short name, its plural, and its group', async (t) => {
  const { kubeConfig } = await startCluster(t, documentsOf('rollout-with-a-failing-pod'));
  for (const type of ['rollouts', 'Rollout', 'rollout.argoproj.io']) {
    const { out } = await runIn('.', ['explain', `${type}/web`, '-n', 'shop'], { kubeConfig });
    t.match(out, /^Rollout shop\/web\n/, type);
  }
  const { out } = await runIn('.', ['explain', 'deploy/aws-secrets-injector', '-n', 'aws-secrets-injector'], {
    kubeConfig,
  });
  t.match(out, /^Deployment aws-secrets-injector\/aws-secrets-injector\n/);
});

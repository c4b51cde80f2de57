import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Deployment, V1Job } from '@kubernetes/client-node';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { declares } from '../../webhook/declare/annotations.ts';
import { declare } from '../../webhook/declare/declare.ts';

const folder = join(import.meta.dirname, '../../manifests/examples');
const names = await readdir(folder);

async function templates(name: string) {
  const documents = parseAllDocuments(await readFile(join(folder, name), 'utf8'));
  const workloads = documents.map((document) => document.toJS() as V1Deployment | V1Job);
  return workloads.flatMap(({ spec }) => spec?.template ?? []);
}

t.test('has examples', async (t) => {
  t.ok(names.length >= 3);
});

for (const name of names) {
  t.test(`${name} declares secrets, in annotations that the webhook accepts`, async (t) => {
    const [template] = await templates(name);
    const annotations = template?.metadata?.annotations ?? {};
    t.ok(declares(annotations));
    t.match(declare(annotations, { region: 'eu-central-1' }), { ok: true });
  });
}

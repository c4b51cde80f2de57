/**
 * Runs the built program in Kustomize, as the executable function that docs/commands/inject.md shows. kubectl's own Kustomize runs no
 * programs, so that this test needs `kustomize` on the PATH, or in the variable KUSTOMIZE: `npm run test:kustomize`.
 */
import { execFile } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);
const KUSTOMIZE = process.env['KUSTOMIZE'] || 'kustomize';
const PROGRAM = resolve('dist/kubectl-aws_secrets');

const page = readFileSync('docs/commands/inject.md', 'utf8').split('## Kustomize')[1] ?? '';
const block = (language: string, has: string): string => {
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );
  return blocks.find((text) => text.includes(has)) ?? '';
};

const APP = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        aws-secrets-injector.dev/files: "a: shop/a"
    spec:
      serviceAccountName: shop
      containers:
        - name: web
          image: web
`;

/** Returns the names of the Deployment and of its first init container. */
function namesIn(text: string): string[] {
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const { metadata, spec } = objects.find(({ kind }) => kind === 'Deployment');
  return [metadata.name, spec.template.spec.initContainers[0].name];
}

t.test('Kustomize injects what it builds', async (t) => {
  const folder = t.testdir({
    'app.yaml': APP,
    'inject.sh': block('sh', '#!/bin/sh').replace('exec aws-secrets-injector', `exec ${PROGRAM}`),
    'inject.yaml': block('yaml', 'kind: Inject'),
    'kustomization.yaml': 'resources: [app.yaml]\ntransformers: [inject.yaml]\n',
  });
  chmodSync(join(folder, 'inject.sh'), 0o755);
  const { stdout } = await run(KUSTOMIZE, ['build', '--enable-alpha-plugins', '--enable-exec', '.'], { cwd: folder });
  t.same(namesIn(stdout), ['web', 'aws-secrets-injector']);
});

t.test('what Kustomize has built with a prefix can be injected afterwards', async (t) => {
  const folder = t.testdir({ 'app.yaml': APP, 'kustomization.yaml': 'namePrefix: blue-\nresources: [app.yaml]\n' });
  const command = block('sh', 'build . |')
    .trim()
    .replace('aws-secrets-injector', PROGRAM)
    .replace('kustomize', KUSTOMIZE);
  const { stdout } = await run('sh', ['-c', command], { cwd: folder });
  t.same(namesIn(stdout), ['blue-web', 'aws-secrets-injector']);
});

/** Runs the built program in Helm, as a post-renderer of its own plugin. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { findHelm } from '../../chart/support/helm.ts';

const run = promisify(execFile);
const PROGRAM = resolve('dist/kubectl-aws_secrets');

const APP = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    aws-secrets-injector.dev/files: "a: shop/a"
spec:
  serviceAccountName: shop
  containers:
    - name: web
      image: web
`;

t.test('Helm injects what it renders', async (t) => {
  const folder = t.testdir({
    plugins: {
      injector: {
        'plugin.yaml': `apiVersion: v1
type: postrenderer/v1
name: aws-secrets
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: ${PROGRAM}
      args: [inject, -f, '-', --region, eu-west-1, --kubernetes, '1.35']
`,
      },
    },
    chart: {
      'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n',
      templates: { 'app.yaml': APP },
    },
  });
  const { stdout } = await run(
    await findHelm(),
    ['template', 'shop', join(folder, 'chart'), '--post-renderer', 'aws-secrets'],
    { env: { ...process.env, HELM_PLUGINS: join(folder, 'plugins') } },
  );
  t.match(stdout, /\n +- name: aws-secrets-injector\n/);
});

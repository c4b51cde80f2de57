import { readFile } from 'node:fs/promises';
import t from 'tap';
import { INSTALL_MANIFEST, renderInstallManifest } from '../../.github/scripts/install-manifest.ts';
import { byKind } from './support/render.ts';

t.test("install.yaml is the chart's rendering: else run `npm run manifests`", async (t) => {
  t.equal(await readFile(INSTALL_MANIFEST, 'utf8'), await renderInstallManifest());
});

t.test('install.yaml makes its namespace first, and restricts the pods in it', async (t) => {
  const manifest = byKind(await readFile(INSTALL_MANIFEST, 'utf8'));
  t.equal(Object.keys(manifest)[0], 'Namespace');
  t.match(manifest.Namespace?.metadata, {
    name: 'aws-secrets-injector',
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  });
});

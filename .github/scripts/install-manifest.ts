/** Renders manifests/install.yaml: the chart with its default values, for users without Helm. */
import { join } from 'node:path';
import { helmTemplate } from '../../test/chart/support/helm.ts';

/** The path of the rendering. */
export const INSTALL_MANIFEST = join(import.meta.dirname, '../../manifests/install.yaml');

// Helm makes the namespace itself (--create-namespace), so that the chart has none.
const header = `# Rendered from charts/aws-secrets-injector by \`npm run manifests\`; change the chart, not this file.
apiVersion: v1
kind: Namespace
metadata:
  name: aws-secrets-injector
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** Returns what {@link INSTALL_MANIFEST} has to contain. */
export async function renderInstallManifest(): Promise<string> {
  return header + (await helmTemplate(['--skip-tests']));
}

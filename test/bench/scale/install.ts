/** Installs what the webhook needs on an API server: its rights, its configuration and the CRD of classes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Client } from '../../../webhook/kubernetes/client.ts';
import { until } from '../../e2e/harness/progress.ts';
import { providerClassDefinition } from '../../e2e/harness/provider-class.ts';

const NAME = 'aws-secrets-injector';
const MANIFEST = join(import.meta.dirname, '../../../manifests/install.yaml');
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const CLASSES = '/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses';

/** The FlowSchema by which the API server counts the requests of the webhook. */
export const FLOW = 'aws-secrets-injector-bench';

/** The kinds of install.yaml that a webhook outside of the cluster needs, by the list that each is created in. */
const LISTS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ClusterRole: `${RBAC}/clusterroles`,
  ClusterRoleBinding: `${RBAC}/clusterrolebindings`,
  Role: `${RBAC}/namespaces/${NAME}/roles`,
  RoleBinding: `${RBAC}/namespaces/${NAME}/rolebindings`,
  MutatingWebhookConfiguration: CONFIGURATIONS,
};

/** Creates the namespaces, the webhook's rights, the CRD and the FlowSchema, and returns when classes can be created. */
export async function install(client: Client, namespaces: readonly string[]): Promise<void> {
  for (const manifest of manifests()) {
    const list = LISTS[manifest.kind];
    if (list !== undefined) await client.create(list, manifest);
  }
  for (const name of namespaces) {
    await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', providerClassDefinition());
  await client.create('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', flowSchema());
  await until('the API server to serve classes', 30, () => client.get<object>(CLASSES));
}

/** Has the API server ask a webhook at this port of this machine about pods. `ca` signed its certificate. */
export async function configure(client: Client, port: number, ca: string): Promise<void> {
  const value = { url: `https://localhost:${port}/mutate`, caBundle: Buffer.from(ca).toString('base64') };
  await client.patch(`${CONFIGURATIONS}/${NAME}`, [{ op: 'replace', path: '/webhooks/0/clientConfig', value }]);
}

function manifests(): { kind: string }[] {
  return parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((document) => document.toJS());
}

function flowSchema(): object {
  const all = ['*'];
  return {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: FLOW },
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      matchingPrecedence: 100,
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: NAME, namespace: NAME } }],
          resourceRules: [{ verbs: all, apiGroups: all, resources: all, namespaces: all, clusterScope: true }],
          nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
        },
      ],
    },
  };
}

/** An in-memory cluster with the chart installed, a ServiceAccount with a role, and what the documents of a fixture add. */
import type { Test } from 'tap';
import { render } from '../../chart/support/render.ts';
import { type ApiServer, type Stored, startApiServer } from '../../kubernetes/api-server.ts';
import { answerTo, facts, type Json, patched, settings } from '../../webhook/support/admission.ts';

/** The collections of the kinds that fixtures have. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  CronJob: '/apis/batch/v1/cronjobs',
  Deployment: '/apis/apps/v1/deployments',
  Event: '/api/v1/events',
  Job: '/apis/batch/v1/jobs',
  MutatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  Pod: '/api/v1/pods',
  Secret: '/api/v1/secrets',
  SelfSubjectAccessReview: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  SubjectAccessReview: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  ReplicaSet: '/apis/apps/v1/replicasets',
  Rollout: '/apis/argoproj.io/v1alpha1/rollouts',
  SecretProviderClass: '/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses',
  ServiceAccount: '/api/v1/serviceaccounts',
  StatefulSet: '/apis/apps/v1/statefulsets',
};

/** The collections of External Secrets, whose older releases have the second version only. */
const EXTERNAL = ['v1', 'v1beta1'].flatMap((version) =>
  ['externalsecrets', 'secretstores', 'clustersecretstores'].map(
    (plural) => `/apis/external-secrets.io/${version}/${plural}`,
  ),
);

const ROLE = 'arn:aws:iam::111122223333:role/shop';

/** Each pod was created a year after the webhook, unless the fixture says otherwise. */
const INSTALLED = '2025-01-01T00:00:00Z';
const CREATED = '2026-01-01T00:00:00Z';

const byDefault = await render();

/**
 * Is an object of a fixture. It changes the object of the same name that is there. `remove` takes that away, `inject` sends a
 * pod through the webhook first, a document of the kind `Forbidden` names plurals that the user may not read, and one of the kind `Values` has
 * the `values` of the chart.
 */
export type Document = Json & {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly metadata?: Json;
  readonly remove?: true;
  readonly inject?: true;
  readonly plurals?: readonly string[];
};

/** Starts the cluster. It ends with the test. */
export async function startCluster(t: Test, documents: readonly Document[]): Promise<ApiServer> {
  const server = await startApiServer(t, [...Object.values(COLLECTIONS), ...EXTERNAL]);
  const values = documents.find(({ kind }) => kind === 'Values');
  const rendering = values ? await render(values['values'] as Json) : byDefault;
  for (const object of installed(rendering)) server.put(collectionOf(object), object as unknown as Stored);
  for (const document of documents) await add(server, document);
  const hidden = documents.flatMap(({ plurals = [] }) => plurals);
  server.state.fault = ({ path }) => (hidden.some((plural) => path.includes(`/${plural}`)) ? 403 : undefined);
  return server;
}

function installed(rendering: typeof byDefault): Document[] {
  const { MutatingWebhookConfiguration, Deployment } = rendering;
  const metadata = { ...MutatingWebhookConfiguration.metadata, creationTimestamp: INSTALLED };
  return [
    { ...MutatingWebhookConfiguration, kind: 'MutatingWebhookConfiguration', metadata },
    { ...Deployment, kind: 'Deployment', metadata: { ...Deployment.metadata } },
    { kind: 'Namespace', metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } } },
    {
      kind: 'ServiceAccount',
      metadata: { name: 'shop', namespace: 'shop', annotations: { 'eks.amazonaws.com/role-arn': ROLE } },
    },
    {
      kind: 'Node',
      metadata: { name: 'node', labels: { 'topology.kubernetes.io/region': 'eu-west-1' } },
      status: { nodeInfo: { operatingSystem: 'linux', kubeletVersion: 'v1.35.2' } },
    },
  ];
}

async function add(server: ApiServer, document: Document): Promise<void> {
  const { remove, inject, ...object } = document;
  if (object.kind === 'Forbidden' || object.kind === 'Values') return;
  const collection = collectionOf(object);
  const { name } = object.metadata as { name: string };
  if (remove) return server.remove(collection, object as unknown as Stored);
  const old = server.get(collection, name) ?? ({} as Json);
  const metadata = { ...(old['metadata'] as Json), ...object.metadata };
  const merged = { ...old, ...object, metadata };
  server.put(collection, (object.kind === 'Pod' ? await asCreated(merged, inject) : merged) as unknown as Stored);
}

/** Returns the pod as the cluster has it after its creation. */
async function asCreated(pod: Json, inject: true | undefined): Promise<Json> {
  const metadata = { creationTimestamp: CREATED, uid: 'uid-of-the-pod', ...(pod['metadata'] as Json) };
  const created = { ...pod, metadata };
  if (!inject) return created;
  const roles = { ...facts, roleOf: async () => ({ roleArn: ROLE }) };
  return patched(created, (await answerTo(created, {}, settings, roles)).review) as Json;
}

function collectionOf({ kind, apiVersion }: Pick<Document, 'kind' | 'apiVersion'>): string {
  const path = `/apis/${apiVersion}/${kind.toLowerCase()}s`;
  const collection = EXTERNAL.includes(path) ? path : COLLECTIONS[kind];
  if (collection === undefined) throw new Error(`no fixture has the kind ${kind}`);
  return collection;
}

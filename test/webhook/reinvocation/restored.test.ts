/** Pods whose CSI volumes were taken over, created again elsewhere: by a backup tool, or by `get -o yaml` and `create`. */
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import type { Facts } from '../../../webhook/admission/facts.ts';
import { answerTo, DB_CLASS, type Json, patched, patchOf, readWorld } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Container = { name: string; env?: { name: string; value?: string }[] };
type Pod = { spec: { containers: Container[]; initContainers: Container[]; serviceAccountName: string } };

const { settings, facts } = readWorld(`${DB_CLASS}---
kind: SecretProviderClass
metadata: { name: far }
spec:
  provider: aws
  parameters: { region: us-east-1, objects: "[{ objectName: app/db, objectType: secretsmanager }]" }
---
kind: SecretProviderClass
metadata: { name: agent }
spec:
  provider: aws
  parameters: { usePodIdentity: "true", objects: "[{ objectName: app/db, objectType: secretsmanager }]" }
---
kind: Facts
settings: { takeOverCsiVolumes: all }
---
{}
`);

const elsewhere: Facts = {
  ...facts,
  roleOf: async (namespace, name) => ({ roleArn: `arn:aws:iam::444455556666:role/${namespace}-${name}` }),
};
const ANOTHER_REGION: Facts = { ...facts, region: async () => 'ap-south-1' };

/** By annotations too, or by its volume alone. */
const KINDS = { 'its volume alone': {}, 'annotations too': { files: 'key: ssm:/app/key', 'mount-path': '/opt/more' } };

async function admitted(className: string, annotations: Record<string, string>): Promise<Pod> {
  const volumeAttributes = { secretProviderClass: className };
  const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes };
  const pod = {
    metadata: { annotations: annotationsOf(annotations) },
    spec: {
      serviceAccountName: 'app',
      containers: [{ name: 'app', image: 'x', volumeMounts: [{ name: 'secrets', mountPath: '/mnt/secrets' }] }],
      volumes: [{ name: 'secrets', csi }],
    },
  };
  const { review } = await answerTo(pod, {}, settings, facts);
  t.equal(review.response.status?.message, undefined);
  return patched(pod, review) as unknown as Pod;
}

async function again(pod: Pod, request: Json, known: Facts): Promise<Pod> {
  const { review } = await answerTo(pod, request, settings, known);
  t.equal(review.response.status?.message, undefined);
  return patched(pod, review);
}

const configOf = (pod: Pod) => decodeConfig(pod.spec.initContainers[0]?.env?.[0]?.value ?? '');
const messageOf = async (pod: Pod, known: Facts, more: Partial<typeof settings> = {}) =>
  (await answerTo(pod, {}, { ...settings, ...more }, known)).review.response.status?.message;

for (const [kind, annotations] of Object.entries(KINDS)) {
  t.test(`a pod of ${kind} gets the role of the ServiceAccount that it has now`, async (t) => {
    const pod = await admitted('db', annotations);
    const after = await again(pod, { namespace: 'billing' }, elsewhere);
    const { namespace, identity } = configOf(after);
    t.equal(namespace, 'billing');
    t.match(identity, { roleArn: 'arn:aws:iam::444455556666:role/billing-app' });
    t.same(patchOf((await answerTo(after, { namespace: 'billing' }, settings, elsewhere)).review), []);
  });

  t.test(`a pod of ${kind} is refused where its ServiceAccount has no role`, async (t) => {
    const pod = await admitted('db', annotations);
    pod.spec.serviceAccountName = 'plain';
    t.match(await messageOf(pod, facts), /^ASI_ADMIT_NO_ROLE: .*service account plain \(namespace: shop\)/);
  });

  t.test(`a pod of ${kind} is refused in another region, where its classes are not known`, async (t) => {
    const pod = await admitted('db', annotations);
    t.match(
      await messageOf(pod, ANOTHER_REGION),
      /^ASI_ADMIT_MOVED: The pod is a copy of one that was injected in eu-west-1, and it is created in ap-south-1: .* manifest/,
    );
  });

  t.test(`a pod of ${kind} whose class names another region keeps that region in its cluster`, async (t) => {
    const pod = await admitted('far', annotations);
    t.same(patchOf((await answerTo(pod, {}, settings, facts)).review), []);
    t.match(await messageOf(pod, ANOTHER_REGION), /^ASI_ADMIT_MOVED: .* injected in eu-west-1/);
  });
}

t.test('a pod gets the endpoints of the chart that admits it now', async (t) => {
  const pod = await admitted('db', {});
  const aws = { endpoints: { sts: 'https://sts.example' } };
  const { review } = await answerTo(pod, {}, { ...settings, aws }, facts);
  t.same(configOf(patched(pod, review)).aws, aws);
});

t.test('a pod of EKS Pod Identity keeps it, and is refused on Fargate', async (t) => {
  const pod = await admitted('agent', {});
  t.same(patchOf((await answerTo(pod, {}, settings, facts)).review), []);
  Object.assign(pod.spec, { schedulerName: 'fargate-scheduler' });
  t.match(await messageOf(pod, facts), /^ASI_ADMIT_POD_IDENTITY_FARGATE: /);
});

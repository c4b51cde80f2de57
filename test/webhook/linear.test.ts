/** Tests that twice the list costs about twice the work. Each case was quadratic once, or could be. */
import t from 'tap';
import { admit } from '../../webhook/admission/admit.ts';
import { parseReview } from '../../webhook/admission/review.ts';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { answerTo, facts, patched, reviewOf, settings } from './support/admission.ts';
import { annotationsOf } from './support/annotations.ts';
import { stepsOf } from './support/steps.ts';

type List = Record<string, unknown>[];
type Case = {
  readonly annotations?: Record<string, string>;
  readonly owners?: List;
  readonly spec: Record<string, unknown>;
};

const times = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index)) as List;

const containers = (count: number) => times(count, (index) => ({ name: `c${index}` }));
const mounting = (count: number, volume: string) =>
  times(count, (index) => ({
    name: `c${index}`,
    volumeMounts: [{ name: volume, mountPath: '/mnt/data', readOnly: true }],
  }));
const memory = (count: number) => times(count, (index) => ({ name: `v${index}`, emptyDir: { medium: 'Memory' } }));
const token = {
  name: 'aws-secrets-token',
  projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com' } }] },
};
const csi = (count: number) =>
  times(count, (index) => ({
    name: `v${index}`,
    csi: {
      driver: 'secrets-store.csi.k8s.io',
      readOnly: true,
      volumeAttributes: { secretProviderClass: 'db' },
    },
  }));

const DB: ProviderClass = {
  provider: 'aws',
  parameters: { objects: '- {objectName: app/db, objectType: secretsmanager, filePermission: "0600"}' },
  secretObjects: [{ secretName: 'db', type: 'Opaque', data: [{ objectName: 'app/db', key: 'all' }] }],
};

/** A pod that was injected before, and whose copy was edited so that all of it is made anew. */
const copied = await copyOf({ files: 'a: app/db', env: 'A: app/db#a' });

const cases: Record<string, (count: number) => Case> = {
  'containers that are given a mount': (count) => ({
    annotations: { files: 'a: app/db' },
    spec: { containers: containers(count) },
  }),
  'containers that are given variables': (count) => ({
    annotations: { env: 'A: app/db#a\nB: app/db#b' },
    spec: { containers: containers(count) },
  }),
  'containers that are started through the shell': (count) => ({
    annotations: { env: 'A: app/db#a', 'env-delivery': 'shell' },
    spec: { containers: times(count, (index) => ({ name: `c${index}`, command: ['run'], env: [{ name: 'X' }] })) },
  }),
  'names of containers, and containers': (count) => ({
    annotations: {
      files: 'a: app/db',
      containers: containers(count)
        .map(({ name }) => name)
        .join(','),
    },
    spec: { containers: containers(count).reverse() },
  }),
  'names of containers, and init containers before ours': (count) => ({
    annotations: {
      files: 'a: app/db',
      position: 'last',
      containers: containers(count)
        .map(({ name }) => name)
        .join(','),
    },
    spec: { containers: [{ name: 'app' }], initContainers: containers(count).reverse() },
  }),
  'init containers before ours that read a volume in the place of the driver': (count) => ({
    annotations: { inject: 'true', position: 'last' },
    spec: { containers: [{ name: 'app' }], initContainers: mounting(count, 'v0'), volumes: csi(1) },
  }),
  'memory volumes of a copy without our container, and its containers': (count) => ({
    annotations: { files: 'a: app/db' },
    spec: { containers: containers(count), volumes: [token, ...memory(count)] },
  }),
  'memory volumes of a copy without our container that declares nothing': (count) => ({
    spec: { containers: containers(count), volumes: [...memory(count), token] },
  }),
  'volumes with our name in a copy, and its containers': (count) => ({
    annotations: { files: 'b: app/db' },
    spec: {
      ...copied,
      containers: containers(count),
      volumes: times(count, () => ({ name: 'aws-secrets-env', emptyDir: { medium: 'Memory' } })),
    },
  }),
  'CSI volumes that are taken over, and the containers': (count) => ({
    annotations: { inject: 'true' },
    spec: { containers: mounting(count * 8, 'other'), volumes: csi(count) },
  }),
  'volumes beside CSI volumes that are taken over': (count) => ({
    annotations: { inject: 'true' },
    spec: { containers: [{ name: 'app' }], volumes: [...memory(count * 8).map(renamed), ...csi(count)] },
  }),
  'mounts of one container': (count) => ({
    annotations: { files: 'a: app/db' },
    spec: {
      containers: [
        { name: 'app', volumeMounts: times(count, (index) => ({ name: `v${index}`, mountPath: `/data/${index}` })) },
      ],
    },
  }),
  'variables of one container': (count) => ({
    annotations: { env: 'A: app/db#a' },
    spec: { containers: [{ name: 'app', env: times(count, (index) => ({ name: `V${index}`, value: 'x' })) }] },
  }),
  'references to a Secret of a class': (count) => ({
    annotations: { 'secret-provider-class': 'db' },
    spec: {
      containers: [
        {
          name: 'app',
          env: times(count, (index) => ({
            name: `V${index}`,
            valueFrom: { secretKeyRef: { name: 'db', key: 'all' } },
          })),
        },
      ],
    },
  }),
  'imports of Secrets': (count) => ({
    annotations: { 'secret-provider-class': 'db' },
    spec: {
      containers: [
        { name: 'app', envFrom: times(count, (index) => ({ prefix: `P${index}`, secretRef: { name: 'db' } })) },
      ],
    },
  }),
  owners: (count) => ({
    annotations: { files: 'a: app/db' },
    spec: { containers: [{ name: 'app' }] },
    owners: times(count, (index) => ({ apiVersion: 'v1', kind: `K${index}` })),
  }),
};

for (const [name, make] of Object.entries(cases)) {
  t.test(`${name}: twice as many take about twice the work`, async (t) => {
    // A declaration that is remembered is not made again.
    await stepsFor(make(50));
    const [once, twice] = [await stepsFor(make(50)), await stepsFor(make(100))];
    t.ok(once > 50, `${once} steps, at least one for each`);
    t.ok(twice < 2.5 * once, `${once} steps, and ${twice} for twice as many`);
  });
}

function renamed(volume: Record<string, unknown>): Record<string, unknown> {
  return { ...volume, name: `own-${volume['name']}` };
}

async function copyOf(annotations: Record<string, string>): Promise<Record<string, unknown>> {
  const pod = {
    metadata: { annotations: annotationsOf(annotations) },
    spec: specOf({ containers: [{ name: 'app' }] }),
  };
  const { review } = await answerTo(pod);
  return patched(pod, review).spec;
}

function specOf(spec: Record<string, unknown>): Record<string, unknown> {
  return { serviceAccountName: 'app', ...spec };
}

async function stepsFor({ annotations = {}, owners, spec }: Case): Promise<number> {
  const metadata = { annotations: annotationsOf(annotations), ownerReferences: owners };
  const review = reviewOf({ metadata, spec: specOf(spec) });
  return stepsOf(review, async (counted) => {
    const read = parseReview(counted);
    if (!read.ok) throw new Error(read.problem);
    const { outcome } = await admit(read.request, settings, { ...facts, classOf: async () => DB });
    if (outcome === 'failed') throw new Error('failed at the pod');
  });
}

/** Tests a second pass over a pod whose injected container is a sidecar, and of copies that gain or lose the rotation. */
import t from 'tap';
import { admissionOf, DB_CLASS, type Json, patched, patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Container = { name: string; [key: string]: unknown };
type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: Json[] };
};

const { answer, admitted } = admissionOf<Pod>(
  t,
  `${DB_CLASS}---
kind: Facts
serverVersion: { major: 1, minor: 37 }
settings:
  injector: { image: x, pullPolicy: IfNotPresent, logLevel: info, rotation: 3600 }
  takeOverCsiVolumes: all
---
{}
`,
);

function declared(annotations: Record<string, string> = { 'rotation-restart': 'pod' }): Promise<Pod> {
  return admitted({
    metadata: { annotations: annotationsOf({ files: 'password: app/db#password', ...annotations }) },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }] },
  });
}

function takenOver(): Promise<Pod> {
  const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } };
  const volumeMounts = [{ name: 'secrets', mountPath: '/mnt/secrets-store' }];
  return admitted({
    metadata: { annotations: {} },
    spec: {
      serviceAccountName: 'app',
      volumes: [{ name: 'secrets', csi }],
      containers: [{ name: 'app', image: 'x', volumeMounts }],
    },
  });
}

const PODS = { 'a pod that declares secrets': () => declared(), 'a pod whose volume was taken over': takenOver };

/** Changes of the sidecar that a second pass takes back. */
const CHANGES: Record<string, (container: Container) => unknown> = {
  'another command of the hook': (container) =>
    Object.assign(container, { lifecycle: { postStart: { exec: { command: ['true'] } } } }),
  'a hook before its end': ({ lifecycle }) => Object.assign(lifecycle as Json, { preStop: { sleep: { seconds: 60 } } }),
  'a probe': (container) => Object.assign(container, { startupProbe: { exec: { command: ['id'] } } }),
  'another restart policy': (container) => Object.assign(container, { restartPolicy: 'Never' }),
  'other rules of restarts': (container) => Object.assign(container, { restartPolicyRules: [{ action: 'Restart' }] }),
  'the compiler of the engine': ({ env }) =>
    Object.assign((env as Json[]).find(({ name }) => name === 'BUN_JSC_useJIT') ?? {}, { value: '1' }),
  'a library to preload': ({ env }) => (env as Json[]).push({ name: 'LD_PRELOAD', value: '/tmp/x.so' }),
};

for (const [sentence, make] of Object.entries(PODS)) {
  t.test(`${sentence} does not change again`, async (t) => {
    t.same(patchOf((await answer(await make())).review), []);
  });
  for (const [what, change] of Object.entries(CHANGES)) {
    t.test(`${sentence} does not keep ${what}`, async (t) => {
      const pod = await make();
      const tampered = structuredClone(pod);
      change(tampered.spec.initContainers[0] as Container);
      t.notSame(tampered, pod);
      t.same(await admitted(tampered), pod);
    });
  }
  for (const member of ['restartPolicy', 'lifecycle']) {
    t.test(`${sentence} is refused if an old webhook removed ${member}`, async (t) => {
      const pod = await make();
      delete pod.spec.initContainers[0]?.[member];
      const { review, reason } = await answer(pod);
      t.equal(reason, 'ASI_ADMIT_ROTATION_STRIPPED');
      t.match(review.response.status?.message, /pod-identity-webhook/);
    });
  }
}

const actions: [annotations: Record<string, string>, action: string | undefined][] = [
  [{}, 'none'],
  [{ 'rotation-notify': 'http://127.0.0.1/' }, 'notify'],
  [{ 'rotation-restart': 'pod', 'rotation-notify': 'http://127.0.0.1/' }, 'restart-pod'],
  [{ rotation: 'never' }, undefined],
];
for (const [annotations, action] of actions) {
  t.test(`a pod is counted once, in its first pass: ${JSON.stringify(annotations)}`, async (t) => {
    const pod = {
      metadata: { annotations: annotationsOf({ files: 'password: app/db#password', ...annotations }) },
      spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }] },
    };
    const first = await answer(pod);
    t.equal(first.rotation, action);
    const changed = structuredClone(patched(pod, first.review)) as unknown as Pod;
    for (const one of changed.spec.initContainers) one['image'] = 'other';
    const second = await answer(changed);
    t.same([second.outcome, second.rotation], ['injected', undefined]);
  });
}

t.test('a pod that is to be restarted is refused if an old webhook removed the rules', async (t) => {
  const pod = await declared();
  delete pod.spec.initContainers[0]?.['restartPolicyRules'];
  t.equal((await answer(pod)).reason, 'ASI_ADMIT_ROTATION_STRIPPED');
});

t.test('a copy that loses the rotation is as if it had never had one', async (t) => {
  const copy = await declared({});
  copy.metadata.annotations['aws-secrets-injector.dev/rotation'] = 'never';
  const { spec } = await admitted(copy);
  const fresh = await declared({ rotation: 'never' });
  t.same(spec, fresh.spec);
});

t.test('a copy that gains the rotation is as if it had always had one', async (t) => {
  const copy = await declared({ rotation: 'never' });
  copy.metadata.annotations['aws-secrets-injector.dev/rotation'] = '5m';
  const { spec } = await admitted(copy);
  const fresh = await declared({ rotation: '5m' });
  t.same(spec.initContainers, fresh.spec.initContainers);
});

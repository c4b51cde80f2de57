/** Tests that a pod is refused where something of somebody else stands in the place of a container or volume of ours. */
import t from 'tap';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import type { Json } from '../support/admission.ts';
import { admissionWithSentinel, type OwnContainer, type PodWithOurs, tokenOf } from '../support/injected-pods.ts';

const { answer, admitted, takenOver, pods } = admissionWithSentinel(t);

/** Changes that are somebody's own, and stand where ours must be. */
const REFUSED: Record<string, [change: (pod: PodWithOurs) => unknown, message: RegExp]> = {
  'an app container of our name': [
    ({ spec }) => spec.containers.push(structuredClone(spec.initContainers[0] as OwnContainer)),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a container "aws-secrets-injector" /,
  ],
  'an app container named as the sentinel': [
    ({ spec }) => spec.containers.push(structuredClone(spec.initContainers[1] as OwnContainer)),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a container "aws-secrets-injector-sentinel" /,
  ],
  'a sentinel that proves nothing': [
    ({ spec }) => Object.assign(spec.initContainers[1] ?? {}, { args: [], command: ['true'] }),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a container "aws-secrets-injector-sentinel" /,
  ],
  'variables on the disk of the node': [
    ({ spec }) => replaceVolume(spec, 'aws-secrets-env', { hostPath: { path: '/tmp' } }),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a volume "aws-secrets-env" /,
  ],
  'a token for somebody else': [
    ({ spec }) => Object.assign(tokenOf(spec.volumes)[0]?.['serviceAccountToken'] as Json, { audience: 'evil' }),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a volume "aws-secrets-token" /,
  ],
  'a token beside something else': [
    ({ spec }) => tokenOf(spec.volumes).push({ configMap: { name: 'x' } }),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a volume "aws-secrets-token" /,
  ],
  'a token from a claim': [
    ({ spec }) => replaceVolume(spec, 'aws-secrets-token', { persistentVolumeClaim: { claimName: 'x' } }),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a volume "aws-secrets-token" /,
  ],
  'an app that mounts the token': [
    ({ spec }) => mount(spec, 'aws-secrets-token', '/token'),
    /^ASI_ADMIT_NAME_TAKEN: Container "app" mounts the volume "aws-secrets-token", /,
  ],
  'an app that mounts the values of all variables': [
    ({ spec }) => mount(spec, 'aws-secrets-env', '/env'),
    /^ASI_ADMIT_NAME_TAKEN: Container "app" mounts the volume "aws-secrets-env", /,
  ],
};

function replaceVolume({ volumes }: PodWithOurs['spec'], name: string, source: Json): void {
  for (const [index, volume] of volumes.entries()) if (volume['name'] === name) volumes[index] = { name, ...source };
}

function mount({ containers }: PodWithOurs['spec'], name: string, mountPath: string): void {
  const [app] = containers;
  if (app) app.volumeMounts = [...(app.volumeMounts ?? []), { name, mountPath }];
}

for (const [sentence, make] of Object.entries(pods)) {
  for (const [what, [change, message]] of Object.entries(REFUSED)) {
    t.test(`${sentence} is refused with ${what}`, async (t) => {
      const pod = await make();
      change(pod);
      t.match((await answer(pod)).review.response.status?.message, message);
    });
  }
}

t.test('a pod whose taken-over volume is on the disk of the node by now is refused', async (t) => {
  const pod = await takenOver();
  replaceVolume(pod.spec, 'secrets', { hostPath: { path: '/tmp' } });
  // Its variable still comes from a file of ours, so that the pod is one that was taken over.
  t.match(
    (await answer(pod)).review.response.status?.message,
    /^ASI_ADMIT_NAME_TAKEN: The pod has a volume "secrets" /,
  );
});

t.test('an app loses a mount of the values of all variables where the shell delivery has its own', async (t) => {
  for (const make of Object.values(pods)) {
    const pod = await make();
    const tampered = structuredClone(pod);
    mount(tampered.spec, 'aws-secrets-env', '/run/aws-secrets-injector/environment');
    const { spec } = await admitted(tampered);
    t.same(
      spec.containers,
      pod.spec.containers.map((app) => ({ ...app, volumeMounts: app.volumeMounts ?? [] })),
    );
  }
});

t.test('no pod gets a mount of the token by asking for it before there is one', async (t) => {
  const pod = {
    metadata: { annotations: { [`${PREFIX}files`]: 'password: app/db' } },
    spec: {
      serviceAccountName: 'app',
      containers: [{ name: 'app', volumeMounts: [{ name: 'aws-secrets-token', mountPath: '/token' }] }],
    },
  };
  t.match((await answer(pod)).review.response.status?.message, /^ASI_ADMIT_NAME_TAKEN: Container "app" mounts /);
});

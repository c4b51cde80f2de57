/** Pods that make Kubernetes Secrets themselves, and come again: after other webhooks, and as edited copies. */
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { admissionOf, patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { initContainers: { env?: { value?: string }[] }[] };
};

const { answer, admitted } = admissionOf<Pod>(
  t,
  `
kind: SecretProviderClass
metadata: { name: shop }
spec:
  provider: aws
  parameters:
    objects: |
      - { objectName: app/db, objectType: secretsmanager, objectAlias: db }
      - { objectName: app/key, objectType: secretsmanager, objectAlias: key }
  secretObjects:
    - { secretName: db, type: Opaque, data: [{ objectName: db, key: DB }] }
    - { secretName: key, type: Opaque, data: [{ objectName: key, key: KEY }] }
---
kind: Facts
settings: { takeOverCsiVolumes: all, syncSecrets: byPod }
---
{}
`,
);

const volumeAttributes = { secretProviderClass: 'shop' };
const VOLUME = { name: 'secrets', csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes } };

function takenOver(annotations: Record<string, string> = {}): Promise<Pod> {
  const containers = [
    { name: 'app', image: 'x', volumeMounts: [{ name: 'secrets', mountPath: '/mnt/secrets-store' }] },
  ];
  const spec = { serviceAccountName: 'app', containers, volumes: [VOLUME] };
  return admitted({ metadata: { annotations: annotationsOf(annotations) }, spec });
}

function configOf({ spec }: Pod) {
  return decodeConfig(spec.initContainers[0]?.env?.[0]?.value ?? '');
}

/** Returns the name of each Secret, with the objects that fill its keys. */
function secretsOf(pod: Pod) {
  const { sync, objects } = configOf(pod);
  return sync?.secrets.map(({ name, data }) => [
    name,
    ...data.map(({ key, object }) => `${key} ${objects[object]?.name}`),
  ]);
}

const BOTH = [
  ['db', 'DB app/db'],
  ['key', 'KEY app/key'],
];
const OWN = { files: 'first: ssm:/app/first\nkey: app/key', 'mount-path': '/run/more' };

t.test('a further pass changes nothing where annotations and a class name the same object', async (t) => {
  const pod = await takenOver(OWN);
  t.same(secretsOf(pod), BOTH);
  t.same(patchOf((await answer(pod)).review), []);
});

t.test('an edited copy keeps its Secrets, each filled by the object that filled it before', async (t) => {
  const pod = await takenOver();
  Object.assign(pod.metadata.annotations, annotationsOf(OWN));
  const after = await admitted(pod);
  t.same(secretsOf(after), BOTH);
  t.same(patchOf((await answer(after)).review), [], 'a further pass changes nothing');
});

t.test('a copy that names its class has each Secret once', async (t) => {
  const pod = await takenOver();
  Object.assign(
    pod.metadata.annotations,
    annotationsOf({ 'secret-provider-class': 'shop', 'mount-path': '/run/more' }),
  );
  t.same(secretsOf(await admitted(pod)), BOTH);
});

for (const [kind, annotations] of Object.entries({ 'its volume alone': {}, 'annotations too': OWN })) {
  t.test(`a copy that wants none makes none any more, with ${kind}`, async (t) => {
    const pod = await takenOver(annotations);
    pod.metadata.annotations[`${PREFIX}sync`] = 'false';
    const after = await admitted(pod);
    t.equal(secretsOf(after), undefined);
    t.same(patchOf((await answer(after)).review), [], 'a further pass changes nothing');
  });
}

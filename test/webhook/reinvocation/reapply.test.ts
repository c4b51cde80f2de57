/** Taken-over pods that declare nothing more, after other webhooks and people have changed them. */
import t from 'tap';
import type { Answer } from '../../../webhook/admission/admit.ts';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { answerTo, DB_CLASS, type Json, patched, patchOf, readWorld } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Container = { name: string; env?: Json[]; envFrom?: Json[]; volumeMounts?: Json[]; [key: string]: unknown };
type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { containers: Container[]; initContainers?: Container[]; volumes: Json[] };
};

const WORLD = `${DB_CLASS}---
kind: SecretProviderClass
metadata: { name: theirs }
spec: { provider: vault, parameters: { a: b } }
---
kind: Facts
settings: { takeOverCsiVolumes: all }
---
{}
`;
const { settings, facts } = readWorld(WORLD);
const answer = (pod: unknown): Promise<Answer> => answerTo(pod, {}, settings, facts);

const csi = (name: string, className: string) => ({
  name,
  csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: className } },
});
const mount = (readOnly?: boolean) => ({
  name: 'secrets',
  mountPath: '/mnt/secrets-store',
  ...(readOnly && { readOnly }),
});
const reference = (optional?: boolean) => ({
  name: 'DB',
  valueFrom: { secretKeyRef: { name: 'db', key: 'all', ...(optional && { optional }) } },
});
const rewritten = { fileKeyRef: { volumeName: 'aws-secrets-env', path: '.secrets/db/all', key: 'all' } };

async function takenOver(own: Record<string, string> = {}, spec: Json = {}): Promise<Pod> {
  const containers = [{ name: 'app', image: 'x', env: [reference()], volumeMounts: [mount()] }];
  const pod = {
    metadata: { annotations: annotationsOf(own) },
    spec: { serviceAccountName: 'app', volumes: [csi('secrets', 'db')], containers, ...spec },
  };
  return admitted(pod as unknown as Pod);
}

async function admitted(pod: Pod): Promise<Pod> {
  const { review } = await answer(pod);
  t.equal(review.response.status?.message, undefined);
  return patched(pod, review);
}

const messageOf = async (pod: Pod) => (await answer(pod)).review.response.status?.message;
const names = ({ spec }: Pod) => spec.initContainers?.map(({ name }) => name);

t.test('a mount of the volume that came later becomes read-only', async (t) => {
  const pod = await takenOver();
  pod.spec.containers.push({ name: 'late', volumeMounts: [mount()] });
  const { outcome, reason } = await answer(pod);
  t.same([outcome, reason], ['injected', 'taken-over']);
  const after = await admitted(pod);
  t.same(after.spec.containers[1]?.volumeMounts, [mount(true)]);
  t.same(patchOf((await answer(after)).review), []);
});

t.test('the injected container stays the first one', async (t) => {
  const pod = await takenOver();
  pod.spec.initContainers?.unshift({ name: 'migrate', volumeMounts: [mount()] });
  const after = await admitted(pod);
  t.same(names(after), ['aws-secrets-injector', 'migrate']);
  t.same(after.spec.initContainers?.[1]?.volumeMounts, [mount(true)]);
});

t.test('a container that comes to run before it and mounts the volume is refused', async (t) => {
  const pod = await takenOver({ position: 'last' });
  pod.spec.initContainers?.unshift({ name: 'migrate', volumeMounts: [mount()] });
  t.match(await messageOf(pod), /^ASI_ADMIT_RUNS_BEFORE: Init container "migrate" mounts the volume "secrets"/);
});

t.test('a pod whose own memory limit came later and is too low for the injected container is refused', async (t) => {
  const pod = await takenOver();
  Object.assign(pod.spec, { resources: { limits: { memory: '16Mi' } } });
  t.match(await messageOf(pod), /^ASI_ADMIT_POD_TOO_SMALL: /);
});

t.test('a position that nobody can read is refused', async (t) => {
  const pod = await takenOver({ cpu: '100m' });
  pod.metadata.annotations[`${PREFIX}position`] = 'middle';
  t.match(await messageOf(pod), /^ASI_ADMIT_INVALID_VALUE: position: "middle" is not a position; /);
});

t.test('an annotation that nobody knows is refused', async (t) => {
  const pod = await takenOver();
  pod.metadata.annotations[`${PREFIX}file`] = 'a: app/a';
  t.match(await messageOf(pod), /^ASI_ADMIT_UNKNOWN_ANNOTATION: /);
});

t.test('a reference that came later gets the value of the class', async (t) => {
  const pod = await takenOver();
  pod.spec.containers.push({ name: 'late', env: [reference(true)] });
  const after = await admitted(pod);
  const { fileKeyRef } = rewritten;
  t.same(after.spec.containers[1]?.env, [{ name: 'DB', valueFrom: { fileKeyRef: { ...fileKeyRef, optional: true } } }]);
  t.same(patchOf((await answer(after)).review), []);
});

t.test('a reference that came later gets it beside annotations too', async (t) => {
  const pod = await takenOver({ files: 'key: ssm:/app/key', 'mount-path': '/run/more' });
  pod.spec.containers.push({ name: 'late', env: [reference()] });
  const after = await admitted(pod);
  t.same(after.spec.containers[1]?.env, [{ name: 'DB', valueFrom: rewritten }]);
});

t.test('a whole Secret that is imported later is left, with a warning, where it must be there', async (t) => {
  const pod = await takenOver();
  pod.spec.containers.push({ name: 'late', envFrom: [{ secretRef: { name: 'db' } }] });
  const { review } = await answer(pod);
  t.same(patchOf(review), []);
  t.same(review.response.warnings, ['container "late" still needs the Secret "db", which the injector does not make']);
});

t.test('a whole Secret that is imported later is refused where the container would start without it', async (t) => {
  const pod = await takenOver();
  pod.spec.containers.push({ name: 'late', envFrom: [{ secretRef: { name: 'db', optional: true } }] });
  t.match(await messageOf(pod), /^ASI_ADMIT_OPTIONAL_SECRET: Container "late" .* the Secret "db"/);
});

for (const own of [{}, { files: 'key: ssm:/app/key', 'mount-path': '/run/more' }]) {
  const annotations = { position: 'after:mesh', ...own };
  t.test(
    `a container that comes to run before it is refused where it would start without a value: ${Object.keys(annotations).length} annotations`,
    async (t) => {
      const initContainers = [{ name: 'migrate', image: 'x', env: [reference(true)] }];
      const pod = await takenOver(annotations, { initContainers });
      t.match(pod.spec.initContainers?.at(-1)?.env, [{ valueFrom: rewritten }]);
      pod.spec.initContainers?.push({ name: 'mesh' });
      t.match(await messageOf(pod), /^ASI_ADMIT_OPTIONAL_SECRET: Container "migrate" .* runs before/);
    },
  );
}

t.test('a volume of another provider that came later lets nothing else pass', async (t) => {
  const pod = await takenOver();
  pod.spec.volumes.push(csi('others', 'theirs'));
  pod.spec.containers.push({ name: 'late', volumeMounts: [mount()] });
  t.same((await admitted(pod)).spec.containers[1]?.volumeMounts, [mount(true)]);
});

t.test('it is looked at without its annotations too, and needs no class', async (t) => {
  const { metadata: _, ...pod } = await takenOver();
  pod.spec.containers.push({ name: 'late', volumeMounts: [mount()] });
  const never = async () => {
    throw new Error('ECONNREFUSED');
  };
  const known = { ...facts, classOf: never };
  const { review, outcome } = await answerTo({ ...pod, metadata: {} }, {}, settings, known);
  t.equal(outcome, 'injected');
  t.ok(review.response.allowed);
});

t.test('a status that somebody wrote is no reason to do anything', async (t) => {
  const pod = {
    metadata: { annotations: { [`${PREFIX}status`]: 'injected' } },
    spec: { containers: [{ name: 'app' }], volumes: [{ name: 'secrets', emptyDir: { medium: 'Memory' } }] },
  };
  const { review, reason } = await answer(pod);
  t.equal(reason, 'nothing-declared');
  t.same(patchOf(review), []);
});

for (const annotations of [{ [`${PREFIX}status`]: 'injected' }, {}]) {
  t.test(
    `a copy without the injected container is refused, with ${Object.keys(annotations).length} annotations`,
    async (t) => {
      const { spec } = await takenOver();
      const { initContainers: _, ...others } = spec;
      const copy = { metadata: { annotations }, spec: others } as unknown as Pod;
      t.match(await messageOf(copy), /^ASI_ADMIT_STRANDED: .*inject: "false"/);
      copy.metadata.annotations = { [`${PREFIX}inject`]: 'false' };
      t.same(patchOf((await answer(copy)).review), []);
      t.equal(await messageOf(copy), undefined);
    },
  );
}

t.test('a copy with the variables only is refused as well', async (t) => {
  const pod = await takenOver();
  pod.spec.initContainers = [];
  pod.spec.volumes = pod.spec.volumes.filter(({ name }) => name !== 'aws-secrets-token');
  t.match(await messageOf(pod), /^ASI_ADMIT_STRANDED: /);
});

t.test('a copy whose annotations would fill only a part of its volumes is refused', async (t) => {
  const pod = await takenOver({ files: 'key: ssm:/app/key', 'mount-path': '/run/more' });
  pod.spec.initContainers = [];
  t.match(await messageOf(pod), /^ASI_ADMIT_STRANDED: /);
  for (const container of pod.spec.containers) container.volumeMounts = container.volumeMounts?.slice(1) ?? [];
  t.match(await messageOf(pod), /^ASI_ADMIT_STRANDED: /, 'for its reference');
});

t.test('a copy whose annotations say everything is injected anew', async (t) => {
  const pod = await takenOver(
    { 'secret-provider-class': 'db' },
    {
      volumes: [{ name: 'work', emptyDir: { medium: 'Memory' } }],
      containers: [{ name: 'app', env: [reference()], volumeMounts: [{ name: 'work', mountPath: '/work' }] }],
    },
  );
  const copy = structuredClone(pod);
  copy.spec.initContainers = [];
  t.same((await admitted(copy)).spec, pod.spec);
});

t.test("volumes with our names that are somebody's own are none of our business", async (t) => {
  const volumes = [
    { name: 'aws-secrets-token', secret: { secretName: 'a' } },
    { name: 'aws-secrets-env', emptyDir: {} },
  ];
  const { reason } = await answer({ metadata: {}, spec: { containers: [{ name: 'app' }], volumes } });
  t.equal(reason, 'nothing-declared');
});

/**
 * Tests what becomes of a pod that has an injection already: after other webhooks and defaults, and as a copy that was edited.
 */
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { answerTo, type Json, patched, patchOf } from '../support/admission.ts';

type Container = { name: string; resources?: Json; env?: Json[]; volumeMounts?: Json[]; [key: string]: unknown };
type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: Json[]; serviceAccountName: string };
};

async function injected(annotations: Record<string, string> = {}, containers = ['app'], spec: Json = {}): Promise<Pod> {
  const pod = {
    metadata: { annotations: { [`${PREFIX}files`]: 'password: app/db#password', ...annotations } },
    spec: { serviceAccountName: 'app', containers: containers.map((name) => ({ name, image: 'x' })), ...spec },
  };
  return patched(pod as unknown as Pod, (await answerTo(pod)).review);
}

async function again(pod: Pod): Promise<Pod> {
  const { review } = await answerTo(pod);
  t.ok(review.response.allowed, 'allowed');
  return patched(pod, review);
}

function allContainers({ spec }: Pod): Container[] {
  return [...spec.initContainers, ...spec.containers];
}

const namesOf = ({ spec }: Pod) => spec.initContainers.map(({ name }) => name);

const mountsOf = (pod: Pod, name: string) =>
  allContainers(pod)
    .find((container) => container.name === name)
    ?.volumeMounts?.filter(({ name }) => name === 'aws-secrets')
    .map(({ mountPath }) => mountPath);

t.test('changes nothing after the EKS identity webhook and the defaults of the API server', async (t) => {
  const pod = await injected();
  for (const container of allContainers(pod)) {
    container.env = [...(container.env ?? []), { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/app' }];
    const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: 'aws-iam-token', mountPath, readOnly: true }];
    Object.assign(container, { terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'Always' });
  }
  const [ours] = pod.spec.initContainers;
  Object.assign(ours?.resources ?? {}, { limits: { cpu: '1', memory: '97Mi' } });
  pod.spec.volumes.unshift({ name: 'aws-iam-token', projected: { sources: [], defaultMode: 420 } });
  for (const { projected } of pod.spec.volumes) if (projected) Object.assign(projected, { defaultMode: 420 });
  t.same(patchOf((await answerTo(pod)).review), []);
});

t.test('keeps the user of the app where another webhook adds a container with a user of its own', async (t) => {
  const pod = await injected({ [`${PREFIX}file-permission`]: '0400' }, ['app'], {
    securityContext: { runAsUser: 1000, runAsGroup: 3000 },
  });
  t.match(pod.spec.initContainers[0], { securityContext: { runAsUser: 1000, runAsGroup: 3000 } });
  pod.spec.containers.push({ name: 'istio-proxy', securityContext: { runAsUser: 1337, runAsGroup: 1337 } });
  t.same(patchOf((await answerTo(pod)).review), []);
});

t.test('does not keep a user that no container of the app has', async (t) => {
  const pod = await injected();
  const tampered = structuredClone(pod);
  Object.assign(tampered.spec.initContainers[0]?.['securityContext'] ?? {}, { runAsUser: 1234, runAsGroup: 1234 });
  t.same(await again(tampered), pod);
});

t.test('changes nothing in a configuration that has the defaults written out', async (t) => {
  const pod = await injected({ [`${PREFIX}env`]: 'PASSWORD: app/db#password' });
  const [variable] = pod.spec.initContainers[0]?.env ?? [];
  const short = String(variable?.['value']);
  const full = JSON.stringify(decodeConfig(short));
  t.match(full, /"directory":"\/run\/aws-secrets-injector\/secrets".*"mode":"0644".*"key":"PASSWORD".*"level":"info"/);
  t.ok(full.length > short.length);
  Object.assign(variable ?? {}, { value: full });
  t.same(patchOf((await answerTo(pod)).review), []);
});

t.test('injects after the EKS identity webhook as well, and keeps what it added', async (t) => {
  const mount = {
    name: 'aws-iam-token',
    mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount',
    readOnly: true,
  };
  const pod = {
    metadata: { annotations: { [`${PREFIX}files`]: 'password: app/db#password' } },
    spec: {
      serviceAccountName: 'app',
      volumes: [{ name: 'aws-iam-token', projected: {} }],
      containers: [{ name: 'app', env: [{ name: 'AWS_ROLE_ARN', value: 'x' }], volumeMounts: [mount] }],
    },
  };
  const after = patched(pod, (await answerTo(pod)).review);
  t.same(after.spec.containers[0]?.env, pod.spec.containers[0]?.env);
  t.same(after.spec.containers[0]?.volumeMounts[0], mount);
});

t.test('gives nothing to a container that another webhook added later', async (t) => {
  const pod = await injected();
  pod.spec.containers.push({ name: 'istio-proxy' });
  t.same(patchOf((await answerTo(pod)).review), []);
});

t.test('gives the mount to a container that came later where the annotation names it', async (t) => {
  const pod = await injected({ [`${PREFIX}containers`]: 'app,late' });
  pod.spec.containers.push({ name: 'late' }, { name: 'other' });
  const after = await again(pod);
  t.same(mountsOf(after, 'late'), ['/mnt/secrets-store']);
  t.equal(mountsOf(after, 'other'), undefined);
});

t.test('refuses where such a container brought a mount of its own to our path', async (t) => {
  const pod = await injected({ [`${PREFIX}containers`]: 'app,late' });
  pod.spec.containers.push({ name: 'late', volumeMounts: [{ name: 'own', mountPath: '/mnt' }] });
  const { review } = await answerTo(pod);
  t.match(review.response.status?.message, /^ASI_ADMIT_PATH_TAKEN: Container "late"/);
});

t.test('keeps its position when a mesh puts its own init container in front', async (t) => {
  const pod = await injected();
  pod.spec.initContainers.unshift({ name: 'istio-init' });
  t.same(namesOf(await again(pod)), ['aws-secrets-injector', 'istio-init']);
});

t.test('moves right behind the init container that it waits for when that one comes', async (t) => {
  const pod = await injected({ [`${PREFIX}position`]: 'after:istio-init' });
  pod.spec.initContainers.push({ name: 'istio-init' }, { name: 'other' });
  const result = await again(pod);
  t.same(namesOf(result), ['istio-init', 'aws-secrets-injector', 'other']);
  t.same(patchOf((await answerTo(result)).review), []);
});

const init = (...names: string[]) => ({ initContainers: names.map((name) => ({ name, image: 'x' })) });

t.test('gives everybody the mount while the container that ours stands behind is not there yet', async (t) => {
  const first = await injected({ [`${PREFIX}position`]: 'after:istio-init' }, ['app'], init('migrate'));
  t.same(namesOf(first), ['aws-secrets-injector', 'migrate']);
  first.spec.initContainers.unshift({ name: 'istio-init' });
  const result = await again(first);
  t.same(namesOf(result), ['istio-init', 'aws-secrets-injector', 'migrate']);
  t.same(mountsOf(result, 'migrate'), ['/mnt/secrets-store']);
  t.same(patchOf((await answerTo(result)).review), []);
});

t.test('takes the mount from those that run before ours when that container comes behind them', async (t) => {
  const first = await injected({ [`${PREFIX}position`]: 'after:istio-init' }, ['app'], init('migrate'));
  first.spec.initContainers.push({ name: 'istio-init' });
  const result = await again(first);
  t.same(namesOf(result), ['migrate', 'istio-init', 'aws-secrets-injector']);
  t.same(mountsOf(result, 'migrate'), []);
  t.same(mountsOf(result, 'app'), ['/mnt/secrets-store']);
});

t.test('says which container ours should stand behind and is not there', async (t) => {
  const annotations = { [`${PREFIX}files`]: 'password: app/db', [`${PREFIX}position`]: 'after:istio-init' };
  const pod = { metadata: { annotations }, spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] } };
  const { warnings } = (await answerTo(pod)).review.response;
  t.same(warnings, [
    'aws-secrets-injector.dev/position: no init container "istio-init" yet; the injected one goes first',
  ]);
});

t.test('replaces the injection of a copied pod that declares something else', async (t) => {
  const pod = await injected({}, ['app', 'side']);
  pod.metadata.annotations[`${PREFIX}files`] = 'other: app/other';
  pod.metadata.annotations[`${PREFIX}containers`] = 'side';
  pod.metadata.annotations[`${PREFIX}mount-path`] = '/elsewhere';
  const after = await again(pod);
  t.equal(after.spec.initContainers.length, 1);
  t.match(JSON.stringify(after.spec.initContainers), /app\/other/);
  t.notMatch(JSON.stringify(after.spec.initContainers), /app\/db/);
  t.equal(after.spec.volumes.length, 2);
  t.same(mountsOf(after, 'app'), []);
  t.same(mountsOf(after, 'side'), ['/elsewhere']);
  t.same(patchOf((await answerTo(after)).review), []);
});

t.test('moves the mounts of a copied pod when only the mount path differs', async (t) => {
  const pod = await injected();
  pod.metadata.annotations[`${PREFIX}mount-path`] = '/elsewhere';
  t.same(mountsOf(await again(pod), 'app'), ['/elsewhere']);
});

t.test('puts back the volumes that a copy lost', async (t) => {
  const pod = await injected();
  pod.spec.volumes = [];
  t.same(await again(pod), await injected());
});

t.test('gives variables again to a pod whose containers lost them all', async (t) => {
  const annotations = { [`${PREFIX}env`]: 'PASSWORD: app/db#password' };
  const pod = {
    metadata: { annotations },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }] },
  };
  const first = patched(pod as unknown as Pod, (await answerTo(pod)).review);
  const stripped = structuredClone(first);
  for (const container of stripped.spec.containers) container.env = [];
  t.same(await again(stripped), first);
});

t.test('gives no variable to containers that set it themselves by now', async (t) => {
  const pod = await injected({ [`${PREFIX}env`]: 'PASSWORD: app/db#password' });
  for (const container of pod.spec.containers) container.env = [{ name: 'PASSWORD', value: 'own' }];
  t.same(patchOf((await answerTo(pod)).review), []);
});

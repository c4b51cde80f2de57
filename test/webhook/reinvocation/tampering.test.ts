/** A pod whose injection somebody has changed: what comes out is ours to the letter, or a refusal. */
import t from 'tap';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { admissionOf, DB_CLASS, type Json, patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Container = { name: string; [key: string]: unknown; env: Json[]; volumeMounts: Json[]; resources: Json };
type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: Json[] };
};

const { answer, admitted } = admissionOf<Pod>(
  t,
  `${DB_CLASS}---
kind: Facts
settings: { takeOverCsiVolumes: all }
envFiles: { everyNode: false }
---
{}
`,
);

/** Returns a pod that declares files and variables, so that it gets both of our containers. */
function declared(): Promise<Pod> {
  return admitted({
    metadata: { annotations: annotationsOf({ files: 'password: app/db#password', env: 'A: app/db#a' }) },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }] },
  });
}

/** Returns a pod that declares nothing, and whose CSI volume was taken over. */
function takenOver(): Promise<Pod> {
  const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } };
  const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }];
  const volumeMounts = [{ name: 'secrets', mountPath: '/mnt/secrets-store' }];
  return admitted({
    metadata: { annotations: {} },
    spec: {
      serviceAccountName: 'app',
      volumes: [{ name: 'secrets', csi }],
      containers: [{ name: 'app', image: 'x', env, volumeMounts }],
    },
  });
}

const PODS = { 'a pod that declares secrets': declared, 'a pod whose volume was taken over': takenOver };

/** Changes of one of our containers. */
const CHANGES: Record<string, (container: Container) => unknown> = {
  'another image': (container) => Object.assign(container, { image: 'evil/image' }),
  'a command': (container) => Object.assign(container, { command: ['/bin/sh', '-c', 'id'] }),
  'other arguments': (container) => Object.assign(container, { args: ['--sentinel', '--root', '/tmp'] }),
  'a privileged process': (container) => Object.assign(container, { securityContext: { privileged: true } }),
  'the user root': (container) => Object.assign(container['securityContext'] as Json, { runAsUser: 0 }),
  'a capability': (container) =>
    Object.assign(container['securityContext'] as Json, { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
  'an unmasked /proc': (container) => Object.assign(container['securityContext'] as Json, { procMount: 'Unmasked' }),
  'no security context': (container) => delete container['securityContext'],
  'a hook': (container) => Object.assign(container, { lifecycle: { postStart: { exec: { command: ['id'] } } } }),
  'a probe': (container) => Object.assign(container, { startupProbe: { exec: { command: ['id'] } } }),
  'a restart policy': (container) => Object.assign(container, { restartPolicy: 'Always' }),
  'rules of restarts': (container) => Object.assign(container, { restartPolicyRules: [{ action: 'Restart' }] }),
  'another working directory': (container) => Object.assign(container, { workingDir: '/tmp' }),
  'another pull policy': (container) => Object.assign(container, { imagePullPolicy: 'Never' }),
  'a port': (container) => Object.assign(container, { ports: [{ containerPort: 80 }] }),
  'another file for its last message': (container) => Object.assign(container, { terminationMessagePath: '/tmp/x' }),
  'another policy for its last message': (container) => Object.assign(container, { terminationMessagePolicy: 'File' }),
  'variables of a Secret': (container) => Object.assign(container, { envFrom: [{ secretRef: { name: 'x' } }] }),
  'a device': (container) => Object.assign(container, { volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] }),
  'a terminal': (container) => Object.assign(container, { stdin: true, stdinOnce: true, tty: true }),
  'a field that nobody knows yet': (container) => Object.assign(container, { fromTomorrow: { command: ['id'] } }),
  'a library to preload': ({ env }) => env.push({ name: 'LD_PRELOAD', value: '/tmp/evil.so' }),
  'a debugger': ({ env }) => env.unshift({ name: 'BUN_INSPECT', value: 'ws://evil' }),
  'an authority to trust': ({ env }) => env.push({ name: 'NODE_EXTRA_CA_CERTS', value: '/tmp/ca' }),
  'a program of the runtime': ({ env }) => {
    for (const variable of env) if (variable['name'] === 'BUN_BE_BUN') variable['value'] = '1';
  },
  'a variable of ours twice': ({ env }) => env.push({ ...env[0], value: '{}', valueFrom: undefined }),
  'the runtime variables gone': ({ env }) => env.splice(env.length - 2),
  'a variable of ours from elsewhere': ({ env }) =>
    Object.assign(env.at(-1) ?? {}, { valueFrom: { fileKeyRef: { volumeName: 'x', path: 'x', key: 'x' } } }),
  'a mount over the program': ({ volumeMounts }) =>
    volumeMounts.push({ name: 'x', mountPath: '/aws-secrets-injector' }),
  'a mount over everything': ({ volumeMounts }) => volumeMounts.unshift({ name: 'x', mountPath: '/' }),
  'a mount over the libraries': ({ volumeMounts }) => volumeMounts.push({ name: 'x', mountPath: '/lib/../usr/lib' }),
  'a mount over the trusted authorities': ({ volumeMounts }) =>
    volumeMounts.push({ name: 'x', mountPath: '/etc/ssl/certs' }),
  'a mount over the token, by a link': ({ volumeMounts }) =>
    volumeMounts.push({ name: 'x', mountPath: '/var/run/aws-secrets-injector/token' }),
};

for (const [sentence, make] of Object.entries(PODS)) {
  for (const [index, which] of ['injected container', 'sentinel'].entries()) {
    for (const [what, change] of Object.entries(CHANGES)) {
      t.test(`${sentence}: the ${which} does not keep ${what}`, async (t) => {
        const pod = await make();
        const tampered = structuredClone(pod);
        const container = tampered.spec.initContainers[index];
        t.ok(container);
        if (container) change(Object.assign(container, { volumeMounts: container.volumeMounts ?? [] }));
        const after = await admitted(JSON.parse(JSON.stringify(tampered)));
        for (const one of after.spec.initContainers)
          if (one.volumeMounts?.length === 0) delete (one as Json)['volumeMounts'];
        t.same(after, pod);
        t.same(patchOf((await answer(after)).review), []);
      });
    }
  }
}

/** Changes that only the first container, or the pod, can have. */
const MORE: Record<string, (pod: Pod) => unknown> = {
  'a mount of ours in another place': ({ spec }) =>
    Object.assign(spec.initContainers[0]?.volumeMounts[0] ?? {}, { mountPath: '/elsewhere' }),
  'a mount of ours of another volume': ({ spec }) =>
    Object.assign(spec.initContainers[0]?.volumeMounts[0] ?? {}, { name: 'x' }),
  'a mount of ours with a part of the volume': ({ spec }) =>
    Object.assign(spec.initContainers[0]?.volumeMounts[0] ?? {}, { subPath: 'x' }),
  'a mount of ours that spreads': ({ spec }) =>
    Object.assign(spec.initContainers[0]?.volumeMounts[0] ?? {}, { mountPropagation: 'Bidirectional' }),
  'a mount of the token that can be written': ({ spec }) =>
    delete spec.initContainers[0]?.volumeMounts.at(-1)?.['readOnly'],
  'a second container of its name': ({ spec }) =>
    spec.initContainers.push({ ...structuredClone(spec.initContainers[0] as Container), image: 'evil/image' }),
  'a second sentinel': ({ spec }) =>
    spec.initContainers.push({ ...structuredClone(spec.initContainers[1] as Container), image: 'evil/image' }),
  'no sentinel': ({ spec }) => spec.initContainers.splice(1, 1),
  'another path of the token': ({ spec }) => {
    const [source] = tokenOf(spec.volumes);
    Object.assign(source?.['serviceAccountToken'] as Json, { path: 'other' });
  },
  'a longer life of the token': ({ spec }) => {
    const [source] = tokenOf(spec.volumes);
    Object.assign(source?.['serviceAccountToken'] as Json, { expirationSeconds: 31_536_000 });
  },
  'a smaller volume': ({ spec }) => {
    for (const { emptyDir } of spec.volumes) if (emptyDir) Object.assign(emptyDir as Json, { sizeLimit: '1' });
  },
};

function tokenOf(volumes: readonly Json[]): Json[] {
  const [projected] = volumes.flatMap(({ name, projected }) => (name === 'aws-secrets-token' ? [projected] : []));
  return (projected as { sources: Json[] }).sources;
}

for (const [sentence, make] of Object.entries(PODS)) {
  for (const [what, change] of Object.entries(MORE)) {
    t.test(`${sentence} does not keep ${what}`, async (t) => {
      const pod = await make();
      const tampered = structuredClone(pod);
      change(tampered);
      t.notSame(tampered, pod);
      t.same(await admitted(tampered), pod);
    });
  }
}

t.test('a configuration that the kubelet would expand is written again', async (t) => {
  const pod = await admitted({
    metadata: { annotations: annotationsOf({ files: '"$(HOME)": app/db' }) },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }] },
  });
  const tampered = structuredClone(pod);
  const [variable] = tampered.spec.initContainers[0]?.env ?? [];
  const text = String(variable?.['value']);
  Object.assign(variable ?? {}, { value: text.replace('\\u0024(HOME)', '$(HOME)') });
  t.notSame(tampered, pod);
  t.same(await admitted(tampered), pod);
});

/** Changes that are somebody's own, and stand where ours must be. */
const REFUSED: Record<string, [change: (pod: Pod) => unknown, message: RegExp]> = {
  'an app container of our name': [
    ({ spec }) => spec.containers.push(structuredClone(spec.initContainers[0] as Container)),
    /^ASI_ADMIT_NAME_TAKEN: The pod has a container "aws-secrets-injector" /,
  ],
  'an app container named as the sentinel': [
    ({ spec }) => spec.containers.push(structuredClone(spec.initContainers[1] as Container)),
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

function replaceVolume({ volumes }: Pod['spec'], name: string, source: Json): void {
  for (const [index, volume] of volumes.entries()) if (volume['name'] === name) volumes[index] = { name, ...source };
}

function mount({ containers }: Pod['spec'], name: string, mountPath: string): void {
  const [app] = containers;
  if (app) app.volumeMounts = [...(app.volumeMounts ?? []), { name, mountPath }];
}

for (const [sentence, make] of Object.entries(PODS)) {
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
  for (const make of Object.values(PODS)) {
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

/** Has what the API server, its plugins and other webhooks may add. */
const ADDITIONS: Record<string, (container: Container) => unknown> = {
  'defaults of the API server': (container) => {
    Object.assign(container, { terminationMessagePath: '/dev/termination-log' });
    Object.assign(container['securityContext'] as Json, { procMount: 'Default' });
    for (const { valueFrom } of container.env) {
      const { fieldRef, fileKeyRef } = (valueFrom ?? {}) as Record<string, Json>;
      if (fieldRef) fieldRef['apiVersion'] = 'v1';
      if (fileKeyRef) fileKeyRef['optional'] = false;
    }
  },
  'the pull policy of AlwaysPullImages': (container) => Object.assign(container, { imagePullPolicy: 'Always' }),
  'resources of a LimitRange': (container) =>
    Object.assign(container.resources, {
      limits: { ...(container.resources['limits'] as Json), cpu: '1', 'ephemeral-storage': '1Gi' },
    }),
  'a policy for resizes': (container) =>
    Object.assign(container, { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }),
  'variables and the token of EKS': (container) => {
    container.env.push({ name: 'AWS_ROLE_ARN', value: 'x' }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: 'x' });
    const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
    container.volumeMounts.push({ name: 'aws-iam-token', mountPath, readOnly: true });
  },
  'variables of others in front': ({ env }) => env.unshift({ name: 'DD_AGENT_HOST', value: 'x' }),
  'the token of Kubernetes': ({ volumeMounts }) =>
    volumeMounts.unshift({ name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }),
};

for (const [sentence, make] of Object.entries(PODS)) {
  for (const [what, add] of Object.entries(ADDITIONS)) {
    t.test(`${sentence} keeps ${what}`, async (t) => {
      const pod = await make();
      for (const container of pod.spec.initContainers)
        add(Object.assign(container, { volumeMounts: container.volumeMounts ?? [] }));
      t.same(patchOf((await answer(pod)).review), []);
    });
  }
}

/** Tests that an injection which somebody has changed is again as we made it, to the letter. */
import t from 'tap';
import { type Json, patchOf } from '../support/admission.ts';
import {
  admissionWithSentinel,
  type OwnContainer,
  type PodWithOurs,
  podOf,
  tokenOf,
} from '../support/injected-pods.ts';

const { answer, admitted, pods } = admissionWithSentinel(t);

/** Changes of one of our containers. */
const CHANGES: Record<string, (container: OwnContainer) => unknown> = {
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

for (const [sentence, make] of Object.entries(pods)) {
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
const MORE: Record<string, (pod: PodWithOurs) => unknown> = {
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
    spec.initContainers.push({ ...structuredClone(spec.initContainers[0] as OwnContainer), image: 'evil/image' }),
  'a second sentinel': ({ spec }) =>
    spec.initContainers.push({ ...structuredClone(spec.initContainers[1] as OwnContainer), image: 'evil/image' }),
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

for (const [sentence, make] of Object.entries(pods)) {
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
  const pod = await admitted(podOf({ files: '"$(HOME)": app/db' }));
  const tampered = structuredClone(pod);
  const [variable] = tampered.spec.initContainers[0]?.env ?? [];
  const text = String(variable?.['value']);
  Object.assign(variable ?? {}, { value: text.replace('\\u0024(HOME)', '$(HOME)') });
  t.notSame(tampered, pod);
  t.same(await admitted(tampered), pod);
});

import type { V1Container } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { parseVariables, read, sh } from '../harness/files.ts';
import { declare, pod, podSpec, ready, runs, untilPod } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { csiPod, csiVolume, installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { createNamespace, type World } from '../harness/world.ts';

const ANNOTATIONS = {
  env: `PASSWORD: e2e/db#password\nPLAIN: e2e/plain\nOWN: e2e/plain\nURL: {template: "it's {{ e2e/db#password }}"}`,
  'env-from': '- {from: e2e/db, prefix: DB_}\n- ssm:/e2e/shell/',
  'env-delivery': 'shell',
};

const PROOF = { name: 'proof', mountPath: '/proof' };

/** Tests `env-delivery: shell`: the container's own shell sets the variables, then becomes the command. */
export async function shell(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'shell');
  world.aws.setParameter({ name: '/e2e/shell/first', value: `${world.canary}-first` });
  world.aws.setParameter({ name: '/e2e/shell/deep/second', value: `${world.canary}-second`, type: 'SecureString' });
  await world.kubectl.apply(
    pod(namespace, 'app', ANNOTATIONS, podSpec(world, { containers: [app(world)], volumes: [volume] })),
    pod(namespace, 'exit', ANNOTATIONS, {
      ...podSpec(world, { containers: [runs(world, 'app', 'test -n "$PASSWORD" && exit 7')] }),
      restartPolicy: 'Never',
    }),
  );
  await ready(world, namespace, 'app');
  const target = { namespace, pod: 'app', container: 'app' };
  const proof = async (name: string) => (await read(world, target, `/proof/${name}`)).toString();
  const { secrets } = world;

  await t.test('carries quotes and everything else to the process', async (t) => {
    const found = parseVariables(await proof('environ'));
    t.match(found, { PASSWORD: secrets.password, PLAIN: secrets.plain, OWN: 'mine' });
    t.equal(found['URL'], `it's ${secrets.password}`);
    t.match(found, { DB_username: secrets.user, DB_password: secrets.password }, 'keys of JSON');
    const below = ['first', 'second'].map((word) => `${world.canary}-${word}`);
    t.ok(
      below.every((value) => Object.values(found).includes(value)),
      'parameters below the path',
    );
    t.notOk('aws_secrets_injector_keep' in found);
  });

  await t.test('shows the container its own file and nothing else of the volume', async (t) => {
    t.equal(await sh(world, target, 'ls -A /run/aws-secrets-injector/environment'), 'environment.sh\n');
  });

  await t.test('leaves the arguments as they are, with blanks, quotes and dollars', async (t) => {
    t.same((await proof('arguments')).split('\0'), ['name', 'a b', "it's", '"q"', '$HOME', '', 'from args', '']);
  });

  await t.test('the command is the first process: signals reach it', async (t) => {
    t.match(await sh(world, target, "tr '\\0' ' ' < /proc/1/cmdline"), /^sh -c trap/);
    await sh(world, target, 'kill -USR1 1');
    const heard = async () => (await sh(world, target, 'cat /proof/signal || true')) || undefined;
    t.equal(await until('the signal to arrive', 30, heard), 'USR1\n');
  });

  await t.test("the command's exit code is the container's", async (t) => {
    const over = await untilPod(
      world,
      { namespace, name: 'exit', what: 'it ended' },
      ({ status }) => status?.phase === 'Failed',
    );
    t.equal(over.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 7);
  });

  await t.test('serves references to the Secret of a class, whose value no file of the kubelet has', (t) =>
    serveClass(t, world, namespace),
  );

  await t.test('refuses a container that leaves its command to the image', async (t) => {
    const image = world.settings.appImage;
    const containers: V1Container[] = [{ name: 'app', image, imagePullPolicy: 'IfNotPresent', args: ['sleep', '1'] }];
    const { code, stderr } = await world.kubectl.create(
      pod(namespace, 'bare', ANNOTATIONS, podSpec(world, { containers })),
    );
    t.not(code, 0);
    t.match(stderr, /\bapp\b.*command/);
  });
}

/** A pod of the CSI driver, with nothing of ours but the delivery. */
async function serveClass(t: Test, world: World, namespace: string): Promise<void> {
  await installProviderClasses(world);
  const objects =
    '- {objectName: e2e/db, objectType: secretsmanager, jmesPath: [{path: password, objectAlias: password}]}';
  const data = [{ objectName: 'password', key: 'password' }];
  const secretObjects = [{ secretName: 'db', type: 'Opaque', data }];
  const wrapped = runs(world, 'app', 'cp /proc/self/environ /proof/environ; touch /proof/started; sleep 3600', {
    env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
    envFrom: [{ prefix: 'DB_', secretRef: { name: 'db' } }],
    volumeMounts: [PROOF],
    readinessProbe: { exec: { command: ['test', '-e', '/proof/started'] }, periodSeconds: 1 },
  });
  const volumes = [volume, csiVolume('secrets', 'synced')];
  const csi = csiPod(namespace, 'synced', podSpec(world, { containers: [wrapped], volumes }));
  csi.metadata = { ...csi.metadata, annotations: declare({ 'env-delivery': 'shell' }) };
  await world.kubectl.apply(providerClass(namespace, 'synced', { parameters: { objects }, secretObjects }), csi);
  await ready(world, namespace, 'synced');
  const target = { namespace, pod: 'synced', container: 'app' };
  const found = parseVariables((await read(world, target, '/proof/environ')).toString());
  const { password } = world.secrets;
  t.match(password, "'", 'the value has a quote');
  t.match(found, { PASSWORD: password, DB_password: password });
}

const volume = { name: 'proof', emptyDir: { medium: 'Memory' } };

/** Writes down what it was given, and waits for signals. */
function app(world: World): V1Container {
  const script =
    'trap \'echo USR1 > /proof/signal\' USR1; cp /proc/self/environ /proof/environ; printf \'%s\\0\' "$0" "$@" > /proof/arguments; ' +
    'touch /proof/started; while :; do sleep 1 & wait $!; done';
  return runs(world, 'app', script, {
    command: ['sh', '-c', script, 'name', 'a b', "it's", '"q"', '$HOME', ''],
    args: ['from args'],
    env: [{ name: 'OWN', value: 'mine' }],
    volumeMounts: [PROOF],
    readinessProbe: { exec: { command: ['test', '-e', '/proof/started'] }, periodSeconds: 1 },
  });
}

import { createHash } from 'node:crypto';
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { end, read, variables } from '../harness/files.ts';
import { IMAGES } from '../harness/images.ts';
import { ended, failure, pod, ready, runs, sleeper, untilPod } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { CAREFUL, careful, RESTRICTED } from './restricted.ts';

const ENV = `
PASSWORD: e2e/env#password
NASTY: e2e/env#nasty
LONG: e2e/env-long
KEY: ssm:/e2e/key
OWN: e2e/plain
`;

/** Variables that the kubelet sets: the command stays as it is, and no image needs a shell. */
export async function environment(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'environment', RESTRICTED);
  const values = plant(world);
  await world.kubectl.apply(
    pod(namespace, 'app', { env: ENV }, everyContainer(world, values.password)),
    pod(namespace, 'quote', { env: "QUOTED: {from: 'e2e/db#password', optional: true}" }, careful(world)),
    pod(namespace, 'lenient', { env: LENIENT }, careful(world)),
  );
  await t.test('arrives in every container, probe and hook of a restricted pod', (t) =>
    everywhere(t, world, namespace, values),
  );
  await t.test('nothing in the pod and its description tells a value', async (t) => {
    const found = await world.kubectl.run(['get', 'pod', 'app', '-n', namespace, '-o', 'yaml']);
    const description = await world.kubectl.describe('pod', namespace, 'app');
    t.match(found, 'fileKeyRef');
    t.notMatch(found + description, world.canary);
  });
  await t.test('is there again when a container restarts', async (t) => {
    await end(world, { namespace, pod: 'app', container: 'app' });
    const restarted = ({ status }: V1Pod) =>
      status?.containerStatuses?.some(({ name, ready, restartCount }) => name === 'app' && ready && restartCount > 0);
    await untilPod(world, { namespace, name: 'app', what: 'app restarted' }, (found) => restarted(found) ?? false);
    const found = await variables(world, { namespace, pod: 'app', container: 'app' });
    t.equal(found['PASSWORD'], values.password);
  });
  await t.test(
    "an optional value that is there and that the kubelet's grammar can't carry fails with a sentence",
    async (t) => {
      const message = failure(await ended(world, namespace, 'quote'))?.message ?? '';
      for (const part of ['QUOTED', 'single quote', 'env-delivery: shell', 'ExcludeCharacters']) t.match(message, part);
      t.notMatch(message, world.canary);
    },
  );
  await t.test(
    'a default stands in, an optional variable of no object stays unset, and a template has its values',
    async (t) => {
      await ready(world, namespace, 'lenient');
      const found = await variables(world, { namespace, pod: 'lenient', container: 'app' });
      t.same([found['GONE'], found['FALLBACK']], [undefined, 'plan b']);
      t.equal(found['URL'], `pg://app:${values.password}@db`);
    },
  );
}

const LENIENT = `
GONE: {from: e2e/nowhere, optional: true}
FALLBACK: {from: e2e/nowhere, default: plan b}
URL: {template: "pg://app:{{ e2e/env#password | urlencode }}@db"}
`;

type Values = { password: string; nasty: string; long: string };

function plant({ aws, canary }: World): Values {
  const password = `${canary}-password`;
  const nasty = `${canary} "$HOME" \`id\` \\ \\n #no = comment $(KEY)\ttab\n second line 🔑\n`;
  const long = `${canary}${'x'.repeat(60 * 1024)}`;
  aws.setSecret({ name: 'e2e/env', value: JSON.stringify({ password, nasty }) });
  aws.setSecret({ name: 'e2e/env-long', value: long });
  return { password, nasty, long };
}

/**
 * Returns a pod with an init container of the user, a sidecar, an app with a probe and a hook, and a program without a shell.
 */
function everyContainer(world: World, password: string): V1PodSpec {
  const mount = { name: 'proof', mountPath: '/proof' };
  const sum = createHash('sha256').update(password).digest('hex');
  const check = ['sh', '-c', `test "$(printf %s "$PASSWORD" | sha256sum)" = "${sum}  -"`];
  const app: Partial<V1Container> = {
    ...CAREFUL,
    volumeMounts: [mount],
    env: [
      { name: 'URL', value: 'db://$(PASSWORD)@host' },
      { name: 'OWN', value: 'mine' },
    ],
    args: ['word', '--password=$(PASSWORD)'],
    readinessProbe: { exec: { command: check }, periodSeconds: 1 },
    lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo "$PASSWORD" > /proof/hook'] } } },
  };
  const wait = 'trap \'exit 0\' TERM; printf %s "$1" > /proof/argument; sleep 3600 & wait';
  const bare: V1Container = {
    ...CAREFUL,
    name: 'bare',
    image: `${IMAGES[0].name}:${IMAGES[0].tag}`,
    command: ['/usr/bin/node', '-e', 'setInterval(() => {}, 1000)'],
  };
  return careful(world, {
    initContainers: [
      runs(world, 'prepare', 'echo "$PASSWORD" > /proof/prepare', { ...CAREFUL, volumeMounts: [mount] }),
      sleeper(world, 'sidecar', { ...CAREFUL, restartPolicy: 'Always' }),
    ],
    containers: [runs(world, 'app', wait, app), bare],
    volumes: [{ name: 'proof', emptyDir: { medium: 'Memory' } }],
  });
}

async function everywhere(t: Test, world: World, namespace: string, values: Values): Promise<void> {
  await ready(world, namespace, 'app');
  for (const container of ['app', 'sidecar']) {
    const found = await variables(world, { namespace, pod: 'app', container });
    t.match(found, { PASSWORD: values.password, KEY: world.secrets.key }, container);
    t.equal(found['NASTY'], values.nasty, `${container}: a nasty value`);
    t.equal(found['LONG'], values.long, `${container}: 60 KiB`);
  }
  const target = { namespace, pod: 'app', container: 'app' };
  const proof = async (name: string) => (await read(world, target, `/proof/${name}`)).toString().trimEnd();
  t.equal(await proof('prepare'), values.password, "the user's init container");
  t.equal(await proof('hook'), values.password, 'the hook');
  t.equal(await proof('argument'), `--password=${values.password}`, '$(NAME) in args');
  const found = await variables(world, target);
  t.equal(found['URL'], `db://${values.password}@host`, '$(NAME) in env');
  t.equal(found['OWN'], 'mine', "the container's own wins");
  const node = ['exec', 'app', '-n', namespace, '-c', 'bare', '--', '/usr/bin/node', '-p', 'process.env.PASSWORD'];
  t.equal((await world.kubectl.run(node)).trimEnd(), values.password, 'an image without a shell');
}

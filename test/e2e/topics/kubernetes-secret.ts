import { spawn } from 'node:child_process';
import type { V1Deployment, V1Pod, V1Secret } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { allSecrets, holdersOf } from '../harness/evidence.ts';
import { variables } from '../harness/files.ts';
import { declare, ended, failure, INJECTOR, podOf, podSpec, sleeper } from '../harness/pods.ts';
import { sleep, until } from '../harness/progress.ts';
import { installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { must } from '../harness/run.ts';
import { createNamespace, type World } from '../harness/world.ts';

const OBJECT = 'e2e/made';
const REPLICAS = 3;

/** The node of the test bed carries so many more pods, with a sidecar each, in about a minute. */
const MANY = 20;

/** Seconds within which a change must be in the Secret: the shortest interval, a tenth of it, and the look itself with a margin. */
const SECONDS = 40;

/** Tests a Deployment whose pods make the Kubernetes Secret that they read, with the rights of their ServiceAccount alone. */
export async function kubernetesSecret(t: Test, world: World): Promise<void> {
  await installProviderClasses(world);
  const namespace = await createNamespace(world, 'made');
  const change = (value: string) => {
    world.aws.setSecret({ name: OBJECT, value: `${world.canary}-${value}` });
    return `${world.canary}-${value}`;
  };
  const first = change('made');
  await world.kubectl.apply(
    providerClass(namespace, 'made', {
      parameters: { objects: `- {objectName: ${OBJECT}, objectType: secretsmanager, objectAlias: made}` },
      secretObjects: [{ secretName: 'made', type: 'Opaque', data: [{ objectName: 'made', key: 'value' }] }],
    }),
    deployment(world, namespace),
  );
  let commands = '';

  await t.test('without the right, no Secret is made, and the message has commands to paste', async (t) => {
    const { name } = await podOf(world, namespace, 'app=made');
    const { message = '' } = failure(await ended(world, namespace, name)) ?? {};
    t.match(message, 'ASI_SYNC_DENIED');
    t.match(message, 'secrets "made"');
    t.same(await world.kubectl.list('secrets', namespace), []);
    commands = /Run: (.*) \[ASI_SYNC_DENIED]/.exec(message)?.[1] ?? '';
  });

  await t.test('after these commands all pods start, and there is one Secret, which they read', async (t) => {
    await must('sh', ['-c', commands.replaceAll(/\bkubectl\b/g, world.kubectl.program)]);
    await world.kubectl.run(['delete', 'pods', '-l', 'app=made', '-n', namespace, '--wait=false']);
    await untilAvailable(world, namespace, REPLICAS);
    t.same(await secretsIn(world, namespace), { made: { value: first } });
    const { name } = await podOf(world, namespace, 'app=made');
    t.equal((await variables(world, { namespace, pod: name, container: 'app' }))['VALUE'], first);
  });

  await t.test('no other Secret of the cluster has the value', async (t) => {
    t.same(holdersOf(world.canary, await allSecrets(world)), [`${namespace}/made`]);
  });

  await t.test('a change is in the Secret within the interval', async () => {
    await untilValue(world, namespace, change('made-anew'));
  });

  await t.test('of many pods that start at once one writes, and one again after a change', async (t) => {
    await scale(world, namespace, 0);
    await world.kubectl.run(['delete', 'secret', 'made', '-n', namespace]);
    const versions = watchVersions(t, world, namespace);
    await scale(world, namespace, MANY);
    t.equal(new Set(versions()).size, 1, `${versions()}`);
    await untilValue(world, namespace, change('made-at-last'));
    await sleep(SECONDS * 1000);
    t.equal(new Set(versions()).size, 2, `${versions()}`);
    t.same(Object.keys(await secretsIn(world, namespace)), ['made']);
    const pods = await world.kubectl.list<V1Pod>('pods', namespace, '-l', 'app=made');
    const logs = await Promise.all(
      pods.map(({ metadata }) => world.kubectl.logs(namespace, metadata?.name ?? '', INJECTOR)),
    );
    const lines = logs.join('').split('\n');
    const counts = ['is asked for changes', 'The Secret made is up to date.'].map(
      (text) => lines.filter((line) => line.includes(text)).length,
    );
    t.same(counts, [MANY, 2], 'all logs are there, and say of two writes');
    t.same(
      lines.filter((line) => /conflict|ASI_SYNC/i.test(line)),
      [],
    );
  });

  await t.test('the Secret goes with the Deployment', async () => {
    await world.kubectl.run(['delete', 'deployment', 'made', '-n', namespace]);
    await until('no Secret any more', 60, async () =>
      Object.keys(await secretsIn(world, namespace)).length === 0 ? true : undefined,
    );
  });
}

function deployment(world: World, namespace: string): V1Deployment {
  const labels = { app: 'made' };
  const annotations = declare({ 'secret-provider-class': 'made', sync: 'true', rotation: '30s' });
  const env = [{ name: 'VALUE', valueFrom: { secretKeyRef: { name: 'made', key: 'value' } } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'made', namespace },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: podSpec(world, { containers: [sleeper(world, 'app', { env })] }),
      },
    },
  };
}

/** Changes the number of pods, and waits until so many are available and no other is there. */
async function scale(world: World, namespace: string, replicas: number): Promise<void> {
  await world.kubectl.run(['scale', 'deployment', 'made', '-n', namespace, `--replicas=${replicas}`]);
  await untilAvailable(world, namespace, replicas);
  await until(`${replicas} pods`, 60, async () => {
    const pods = await world.kubectl.list('pods', namespace, '-l', 'app=made');
    return pods.length === replicas ? true : undefined;
  });
}

async function untilAvailable(world: World, namespace: string, replicas: number): Promise<void> {
  await until(`${replicas} pods to be available`, 150, async () => {
    const found = await world.kubectl.find<V1Deployment>('deployment', namespace, 'made');
    return (found?.status?.availableReplicas ?? 0) === replicas ? true : undefined;
  });
}

async function untilValue(world: World, namespace: string, value: string): Promise<void> {
  await until('the new value', SECONDS, async () =>
    (await secretsIn(world, namespace))['made']?.['value'] === value ? true : undefined,
  );
}

/** Watches the Secret until the test ends. Returns a function with the resource versions that were seen: each write makes one. */
function watchVersions(t: Test, world: World, namespace: string): () => string[] {
  const columns = '-o=custom-columns=VERSION:.metadata.resourceVersion';
  const args = ['get', 'secrets', '-n', namespace, '--field-selector=metadata.name=made', '--watch', columns];
  const watching = spawn(world.kubectl.program, [...args, '--no-headers'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => watching.kill());
  let text = '';
  watching.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text.split('\n').filter((line) => line !== '');
}

/** Returns the values of all Secrets of the namespace, by name and key. */
async function secretsIn(world: World, namespace: string): Promise<Record<string, Record<string, string>>> {
  const found = await world.kubectl.list<V1Secret>('secrets', namespace);
  const decode = (data: V1Secret['data']) =>
    Object.fromEntries(Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  return Object.fromEntries(found.map(({ metadata, data }) => [metadata?.name ?? '', decode(data)]));
}

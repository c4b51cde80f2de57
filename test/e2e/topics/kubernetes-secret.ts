import type { V1Deployment, V1Secret } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { variables } from '../harness/files.ts';
import { declare, ended, failure, podOf, podSpec, sleeper } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { must } from '../harness/run.ts';
import { createNamespace, type World } from '../harness/world.ts';

const OBJECT = 'e2e/made';
const REPLICAS = 3;

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
    await until('all pods of the Deployment', 90, async () => {
      const found = await world.kubectl.find<V1Deployment>('deployment', namespace, 'made');
      return found?.status?.availableReplicas === REPLICAS ? true : undefined;
    });
    t.same(await secretsIn(world, namespace), { made: { value: first } });
    const { name } = await podOf(world, namespace, 'app=made');
    t.equal((await variables(world, { namespace, pod: name, container: 'app' }))['VALUE'], first);
  });

  await t.test('a change is in the Secret within the interval', async () => {
    const second = change('made-anew');
    await until('the new value', SECONDS, async () =>
      (await secretsIn(world, namespace))['made']?.['value'] === second ? true : undefined,
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

/** Returns the values of all Secrets of the namespace, by name and key. */
async function secretsIn(world: World, namespace: string): Promise<Record<string, Record<string, string>>> {
  const found = await world.kubectl.list<V1Secret>('secrets', namespace);
  const decode = (data: V1Secret['data']) =>
    Object.fromEntries(Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  return Object.fromEntries(found.map(({ metadata, data }) => [metadata?.name ?? '', decode(data)]));
}

import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import { ended, failure, pod, podSpec, ready } from '../harness/pods.ts';
import { FARGATE } from '../harness/provider-class.ts';
import { createNamespace, roleArn, type World } from '../harness/world.ts';

const ANNOTATIONS = { files: 'plain.txt: e2e/plain', 'use-pod-identity': 'true' };

/** Credentials from the node's Pod Identity agent: the ServiceAccount has no role of its own. */
export async function podIdentity(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'pod-identity');
  const accounts = ['associated', 'lonely'];
  await world.kubectl.apply(
    ...accounts.map((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })),
  );
  world.aws.associate({ namespace, serviceAccount: 'associated', roleArn: roleArn(namespace) });
  await world.kubectl.apply(
    ...accounts.map((name) => pod(namespace, name, ANNOTATIONS, podSpec(world, { serviceAccountName: name }))),
  );

  await t.test('reads as the role that is associated with the ServiceAccount', async (t) => {
    await ready(world, namespace, 'associated');
    const found = await read(world, { namespace, pod: 'associated', container: 'app' }, 'plain.txt');
    t.same(found, Buffer.from(world.secrets.plain));
    const calls = world.aws.calls.filter(({ names }) => names.includes(`${namespace}/associated`));
    t.match(calls, [{ service: 'pod-identity', outcome: 200 }]);
    t.notOk(
      world.aws.proxy?.asked.some((asked) => asked.includes('v1/credentials')),
      'the agent is on the node: no proxy leads there',
    );
  });

  await t.test('a ServiceAccount without an association is named, with what the agent says', async (t) => {
    const message = failure(await ended(world, namespace, 'lonely'))?.message ?? '';
    for (const part of ['Pod Identity', 'ResourceNotFoundException', 'association']) t.match(message, part);
  });

  await t.test('is refused on Fargate, where there is no agent', async (t) => {
    const wanted = pod(namespace, 'fargate', ANNOTATIONS, podSpec(world, { serviceAccountName: 'associated' }));
    wanted.metadata = { ...wanted.metadata, labels: FARGATE };
    const { code, stderr } = await world.kubectl.create(wanted);
    t.not(code, 0);
    t.match(stderr, /Fargate/);
  });
}

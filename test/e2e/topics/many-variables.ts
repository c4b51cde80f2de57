import type { Test } from 'tap';
import { variables } from '../harness/files.ts';
import { pod, podSpec, ready, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

const CONTAINERS = 10;
const VARIABLES = 200;

/** Tests a large pod in which every container gets every variable. */
export async function manyVariables(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'many');
  const keys = Array.from({ length: VARIABLES }, (_, index) => `KEY_${index}`);
  const values = Object.fromEntries(keys.map((key) => [key, `${world.canary}-${key}`]));
  world.aws.setSecret({ name: 'e2e/many', value: JSON.stringify(values) });
  const containers = Array.from({ length: CONTAINERS }, (_, index) => sleeper(world, `app-${index}`));
  const env = keys.map((key) => `${key}: e2e/many#${key}`).join('\n');
  await world.kubectl.apply(pod(namespace, 'large', { env }, podSpec(world, { containers })));

  await t.test(`${VARIABLES} variables reach each of ${CONTAINERS} containers`, async (t) => {
    await ready(world, namespace, 'large');
    for (const { name } of containers) {
      t.match(await variables(world, { namespace, pod: 'large', container: name }), values, name);
    }
  });
}

import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { RELEASE, webhookLogs } from '../harness/install.ts';
import { INJECTOR } from '../harness/pods.ts';
import type { World } from '../harness/world.ts';

/** Everything that the other topics left in the cluster is searched for the secrets' values. Runs last. */
export async function canary(t: Test, world: World): Promise<void> {
  await t.test('no secret value is in any log, event, object or message', async (t) => {
    const places = [...(await objects(world)), ...(await logs(world))];
    const everything = places.map(({ text }) => text).join('\n');
    t.ok(everything.includes(INJECTOR), 'the search sees the init containers');
    t.ok(everything.includes('e2e/absent'), 'the search sees the failures');
    t.ok(places.filter(({ name, text }) => name.startsWith('log') && text !== '').length > 3, 'the search sees logs');
    const leaks = places.filter(({ text }) => forms(world.canary).some((form) => text.includes(form)));
    t.same(
      leaks.map(({ name }) => name),
      [],
    );
  });

  await t.test('no Kubernetes Secret was made for an app', async (t) => {
    const found = world.namespaces.map((namespace) => world.kubectl.list('secrets', namespace));
    t.same((await Promise.all(found)).flat(), []);
  });
}

/** The canary as text, in base64 at each of the three offsets, and in hex. */
function forms(canaryText: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(canaryText)]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), -4);
  });
  return [canaryText, ...base64, Buffer.from(canaryText).toString('hex')];
}

async function objects(world: World): Promise<{ name: string; text: string }[]> {
  const kinds = 'pods,events,configmaps,secrets,deployments,replicasets,jobs,serviceaccounts';
  const read = async (namespace: string) => ({
    name: `objects of ${namespace}`,
    text: await world.kubectl.run(['get', kinds, '-n', namespace, '-o', 'yaml']),
  });
  return Promise.all([RELEASE, ...world.namespaces].map(read));
}

async function logs(world: World): Promise<{ name: string; text: string }[]> {
  const ofPods = world.namespaces.map(async (namespace) => {
    const found = await world.kubectl.list<V1Pod>('pods', namespace);
    return Promise.all(found.flatMap((item) => containersOf(item).map((container) => log(world, item, container))));
  });
  const webhook = { name: 'log of the webhook', text: [...world.oldLogs, await webhookLogs(world)].join('\n') };
  return [webhook, ...(await Promise.all(ofPods)).flat()];
}

function containersOf({ spec }: V1Pod): string[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
}

async function log(world: World, { metadata }: V1Pod, container: string): Promise<{ name: string; text: string }> {
  const { namespace = '', name = '' } = metadata ?? {};
  const now = await world.kubectl.logs(namespace, name, container);
  const before = await world.kubectl.logs(namespace, name, container, '--previous');
  return { name: `log of ${namespace}/${name}/${container}`, text: before + now };
}

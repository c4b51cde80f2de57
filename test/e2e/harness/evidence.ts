import type { V1Pod, V1Secret } from '@kubernetes/client-node';
import type { Evidence, World } from './world.ts';

const KINDS = 'pods,events,configmaps,secrets,deployments,replicasets,jobs,serviceaccounts';

/**
 * Keeps what the namespaces hold that were made so far, for the search of the canary, and removes them: a small cluster has
 * no room for the pods of all topics.
 */
export async function retire(world: World): Promise<void> {
  const namespaces = world.namespaces.splice(0);
  for (const namespace of namespaces) {
    world.evidence.push(await objects(world, namespace), ...(await logs(world, namespace)));
    const secrets = await world.kubectl.list('secrets', namespace);
    world.secretsMade.push(...secrets.map(({ metadata }) => `${namespace}/${metadata?.name}`));
  }
  if (namespaces.length > 0) await world.kubectl.run(['delete', 'namespace', ...namespaces, '--wait=false']);
}

/** Returns the names of what holds the text: as it is, in base64 at each of the three offsets, or in hex. */
export function holdersOf(text: string, evidence: readonly Evidence[]): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), -4);
  });
  const forms = [text, ...base64, Buffer.from(text).toString('hex')];
  return evidence.filter((one) => forms.some((form) => one.text.includes(form))).map(({ name }) => name);
}

/** Returns all Secrets of the cluster, each as text. */
export async function allSecrets(world: World): Promise<Evidence[]> {
  const text = await world.kubectl.run(['get', 'secrets', '--all-namespaces', '-o', 'json']);
  const { items } = JSON.parse(text) as { items: V1Secret[] };
  return items.map((secret) => ({
    name: `${secret.metadata?.namespace}/${secret.metadata?.name}`,
    text: JSON.stringify(secret),
  }));
}

/** All objects of a namespace that could hold a value, as text. */
export async function objects(world: World, namespace: string): Promise<Evidence> {
  return {
    name: `objects of ${namespace}`,
    text: await world.kubectl.run(['get', KINDS, '-n', namespace, '-o', 'yaml']),
  };
}

async function logs(world: World, namespace: string): Promise<Evidence[]> {
  const pods = await world.kubectl.list<V1Pod>('pods', namespace);
  return Promise.all(
    pods.flatMap(({ metadata, spec }) =>
      [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) =>
        log(world, { namespace, pod: metadata?.name ?? '', container: name }),
      ),
    ),
  );
}

async function log(world: World, target: { namespace: string; pod: string; container: string }): Promise<Evidence> {
  const { namespace, pod, container } = target;
  const now = await world.kubectl.logs(namespace, pod, container);
  const before = await world.kubectl.logs(namespace, pod, container, '--previous');
  return { name: `log of ${namespace}/${pod}/${container}`, text: before + now };
}

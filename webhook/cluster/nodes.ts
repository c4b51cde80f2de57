/** What the nodes tell: the region that the cluster lives in, and whether all their kubelets deliver variables from files. */
import type { V1Node } from '@kubernetes/client-node';
import type { Facts } from '../admission/facts.ts';
import { createClient, LIVE_TIMEOUT_MS, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { type CacheOptions, follow } from '../kubernetes/informer.ts';
import { listAll } from '../kubernetes/list.ts';
import { deliversEnvFiles, parseVersion } from './server-version.ts';

const REGION = 'topology.kubernetes.io/region';

export type Nodes = {
  readonly region: Facts['region'];
  /** At least one Linux node is known, and none of them has a kubelet that is too old. */
  readonly everyNode: () => boolean;
};

type Kept = { readonly name: string; readonly linux: boolean; readonly delivers: boolean };

/** Starts to follow the nodes. */
export function followNodes(options: CacheOptions & { readonly patienceMs?: number }): Nodes {
  const { patienceMs = LIVE_TIMEOUT_MS } = options;
  const api = createClient(options.kubeConfig, PAGE_TIMEOUT_MS);
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  let delivers = new Map<string, boolean>();
  let region: string | undefined;

  // A cluster lives in one region, so the first node that says it is enough for ever.
  const trim = ({ metadata, status }: V1Node): Kept => {
    region ??= metadata?.labels?.[REGION] || undefined;
    if (region !== undefined) tell();
    return {
      name: metadata?.name ?? '',
      linux: status?.nodeInfo?.operatingSystem !== 'windows',
      delivers: deliversEnvFiles(parseVersion(status?.nodeInfo?.kubeletVersion)),
    };
  };

  void follow<V1Node, Kept>({
    ...options,
    resource: 'nodes',
    list: () => listAll(api, { path: '/api/v1/nodes' }, trim),
    replace(nodes) {
      delivers = new Map(nodes.filter(({ linux }) => linux).map((node) => [node.name, node.delivers]));
      tell();
    },
    changed(node, deleted) {
      const kept = trim(node);
      if (deleted || !kept.linux) delivers.delete(kept.name);
      else delivers.set(kept.name, kept.delivers);
    },
  });

  return {
    async region() {
      await until(told, patienceMs);
      return region;
    },
    everyNode: () => delivers.size > 0 && ![...delivers.values()].includes(false),
  };
}

/** Waits for what others do; it ends nothing, as there is nothing of one's own to end. */
async function until(done: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the Kubernetes API has not told of its nodes yet')), milliseconds);
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

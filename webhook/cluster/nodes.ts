/** Follows the nodes: they say in which region the cluster is, and whether all kubelets deliver variables from files. */
import type { Facts } from '../admission/facts.ts';
import { everyNodeDelivers, type NodeFacts, type NodeObject, readNode } from '../admission/node.ts';
import { createClient, LIVE_TIMEOUT_MS, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { type CacheOptions, follow } from '../kubernetes/informer.ts';
import { listAll } from '../kubernetes/list.ts';

export type Nodes = {
  readonly region: Facts['region'];
  /** Returns whether at least one Linux node is known, and none of them has a kubelet that is too old. */
  readonly everyNode: () => boolean;
};

type Kept = Omit<NodeFacts, 'region'>;

/** Starts to follow the nodes. `waitMs` is how long a question waits for the first list. */
export function followNodes(options: CacheOptions & { readonly waitMs?: number }): Nodes {
  const { waitMs = LIVE_TIMEOUT_MS } = options;
  const api = createClient(options.kubeConfig, PAGE_TIMEOUT_MS);
  const { promise: known, resolve: setKnown } = Promise.withResolvers<void>();
  let kept = new Map<string, Kept>();
  let region: string | undefined;
  /** Undefined until somebody asks again after a change, as there may be thousands of nodes and a pod comes each millisecond. */
  let everyNode: boolean | undefined;

  // A cluster is in one region, so the first node with the label says it for ever.
  const trim = (node: NodeObject): Kept => {
    const { region: own, ...facts } = readNode(node);
    region ??= own;
    if (region !== undefined) setKnown();
    return facts;
  };

  void follow<NodeObject, Kept>({
    ...options,
    resource: 'nodes',
    list: () => listAll(api, { path: '/api/v1/nodes' }, trim),
    replace(nodes) {
      kept = new Map(nodes.map((node) => [node.name, node]));
      everyNode = undefined;
      setKnown();
    },
    changed(node, deleted) {
      const facts = trim(node);
      if (deleted) kept.delete(facts.name);
      else kept.set(facts.name, facts);
      everyNode = undefined;
    },
  });

  return {
    async region() {
      if (region === undefined) await within(known, waitMs);
      return region;
    },
    everyNode() {
      everyNode ??= everyNodeDelivers(kept.values());
      return everyNode;
    },
  };
}

/** Waits for something that goes on in any case. Throws when it has not happened within these milliseconds. */
async function within(done: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the Kubernetes API has not listed its nodes yet')), milliseconds);
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

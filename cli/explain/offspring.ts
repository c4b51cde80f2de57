/** Finds what was made for an object of the cluster: what it owns, and what that owns. */
import { type Answer, type Cluster, objectIn, unknownIn } from '../cluster/cluster.ts';
import type { Metadata, OwnerReference } from '../cluster/objects.ts';

/** A pod has few owners above one another: its ReplicaSet, its Deployment, and what made that. */
export const MOST_OWNERS = 4;

/** Returns the collection of an owner. A kind with another plural than the usual one is found in no cluster. */
export function collectionOf({ apiVersion: api, kind }: OwnerReference, namespace: string) {
  return { api, plural: `${kind.toLowerCase()}s`, namespace };
}

type Offspring<T> = {
  readonly found: readonly T[];
  /** Sentences, each about owners that the user may not see. */
  readonly unknown: readonly string[];
};

/**
 * Returns those of the candidates that were made for the object with this uid. `ownersOf` returns the owners of one. The owners
 * of one kind are read together, and only if no candidate belongs to the object directly.
 */
export async function offspringOf<T>(
  cluster: Cluster,
  uid: string,
  candidates: readonly T[],
  ownersOf: (candidate: T) => readonly OwnerReference[],
): Promise<Offspring<T>> {
  const direct = candidates.filter((one) => ownersOf(one).some((owner) => owner.uid === uid));
  if (direct.length > 0) return { found: direct, unknown: [] };
  const { above, unknown } = await readOwners(cluster, candidates.flatMap(ownersOf));
  const isBelow = (owner: OwnerReference, levels = MOST_OWNERS): boolean =>
    owner.uid === uid || (levels > 0 && (above.get(owner.uid ?? '') ?? []).some((upper) => isBelow(upper, levels - 1)));
  return { found: candidates.filter((one) => ownersOf(one).some((owner) => isBelow(owner))), unknown };
}

/** Returns the owners of each object that these refer to, and of the objects above it, by uid. */
async function readOwners(
  cluster: Cluster,
  owners: readonly OwnerReference[],
): Promise<{ readonly above: ReadonlyMap<string, readonly OwnerReference[]>; readonly unknown: string[] }> {
  const above = new Map<string, readonly OwnerReference[]>();
  const answers = new Map<string, Answer<readonly { readonly metadata: Metadata }[]>>();
  let level = owners;
  for (let count = 0; count < MOST_OWNERS; count += 1) {
    const kinds = Map.groupBy(level, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
    const fresh = [...kinds].filter(([key, [owner]]) => !answers.has(key) && owner?.kind !== 'Node');
    const lists = await Promise.all(
      fresh.map(async ([key, [owner]]) => {
        const list = owner && (await cluster.list<{ metadata: Metadata }>(collectionOf(owner, cluster.namespace)));
        if (list) answers.set(key, list);
        return objectIn(list) ?? [];
      }),
    );
    const read = lists.flat().map(({ metadata }) => metadata);
    for (const { uid = '', ownerReferences = [] } of read) above.set(uid, ownerReferences);
    level = read.flatMap(({ ownerReferences = [] }) => ownerReferences);
  }
  return { above, unknown: unknownIn([...answers.values()]) };
}

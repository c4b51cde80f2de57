/** Finds the resource that a user names, as kubectl does: by what the API server says about its resources. */
import { type Answer, type Cluster, type Collection, objectIn, unknownIn } from './cluster.ts';

/** A resource whose objects are in namespaces. */
type Resource = Pick<Collection, 'api' | 'plural'> & { readonly kind: string };

type ResourceList = {
  readonly resources?: readonly {
    /** The plural. One with a `/` is a part of an object, like its status. */
    readonly name: string;
    readonly singularName?: string;
    readonly shortNames?: readonly string[];
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
};

type GroupList = {
  readonly groups?: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[];
};

/** Lists the versions that have the workloads of Kubernetes. The others are only read for what is in none of these. */
const USUAL = ['v1', 'apps/v1', 'batch/v1'];

/**
 * Returns the resource with this name: its plural, its singular, a short name or its kind, in any case, and with its group or
 * without, like `rollouts.argoproj.io`. It is absent if the cluster has none, and unknown if the user may not know.
 */
export async function findResource(cluster: Cluster, name: string): Promise<Answer<Resource>> {
  const [word = '', ...rest] = name.toLowerCase().split('.');
  const group = rest.join('.');
  const usual = group === '' ? await searchIn(cluster, USUAL, word) : undefined;
  if (usual?.kind === 'found') return usual;
  const groups = await cluster.read<GroupList>('/apis');
  const versions = (objectIn(groups)?.groups ?? [])
    .filter((one) => group === '' || one.name === group)
    .map(({ preferredVersion }) => preferredVersion.groupVersion);
  return groups.kind === 'found' ? searchIn(cluster, versions, word) : groups;
}

async function searchIn(cluster: Cluster, versions: readonly string[], word: string): Promise<Answer<Resource>> {
  const lists = await Promise.all(
    versions.map((api) => cluster.read<ResourceList>(api.includes('/') ? `/apis/${api}` : `/api/${api}`)),
  );
  for (const [index, list] of lists.entries()) {
    const found = (objectIn(list)?.resources ?? []).find(
      ({ name, singularName, shortNames = [], kind, namespaced }) =>
        namespaced && [name, singularName, kind.toLowerCase(), ...shortNames].includes(word),
    );
    if (found) return { kind: 'found', value: { api: versions[index] ?? '', plural: found.name, kind: found.kind } };
  }
  const [why] = unknownIn(lists);
  return why === undefined ? { kind: 'absent' } : { kind: 'unknown', why };
}

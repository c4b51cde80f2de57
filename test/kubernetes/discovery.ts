/** Answers which resources the in-memory API server has, as the real one does. */

/** Names the kinds whose plural does not say them, and the short names that tests use. */
const NAMES: Readonly<Record<string, { readonly kind: string; readonly shortNames?: readonly string[] }>> = {
  cronjobs: { kind: 'CronJob', shortNames: ['cj'] },
  deployments: { kind: 'Deployment', shortNames: ['deploy'] },
  replicasets: { kind: 'ReplicaSet', shortNames: ['rs'] },
  statefulsets: { kind: 'StatefulSet', shortNames: ['sts'] },
};

const CLUSTER_WIDE: readonly string[] = ['namespaces', 'nodes'];

/**
 * Returns the answer at `/apis`, at the path of a group, like `/apis/apps`, and at that of one of its versions; undefined at any
 * other path, and at that of a group that is not installed.
 */
export function discoveryAt(path: string, collections: readonly string[]): object | undefined {
  if (path === '/apis') return { kind: 'APIGroupList', groups: groupsOf(collections) };
  const installed = collections.filter((collection) => collection.startsWith(`${path}/`));
  if (installed.length === 0) return undefined;
  if (/^\/apis\/[^/]+$/.test(path)) {
    return { kind: 'APIGroup', versions: installed.map((collection) => ({ version: collection.split('/')[3] })) };
  }
  if (!/^\/api\/v1$|^\/apis\/[^/]+\/[^/]+$/.test(path)) return undefined;
  return { kind: 'APIResourceList', resources: installed.map((collection) => resourceOf(collection)) };
}

function groupsOf(collections: readonly string[]): object[] {
  const versions = collections.flatMap((collection) => /^\/apis\/([^/]+\/[^/]+)\//.exec(collection)?.slice(1) ?? []);
  return [...new Set(versions)].map((groupVersion) => ({
    name: groupVersion.split('/')[0],
    preferredVersion: { groupVersion },
  }));
}

function resourceOf(collection: string): object {
  const plural = collection.split('/').at(-1) ?? '';
  const singularName = plural.replace(/s$/, '');
  const { kind = singularName.replace(/^./, (letter) => letter.toUpperCase()), shortNames } = NAMES[plural] ?? {};
  return { name: plural, singularName, shortNames, kind, namespaced: !CLUSTER_WIDE.includes(plural) };
}

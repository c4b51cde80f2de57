/**
 * Follows objects of a custom resource. The cache holds what is read of them; before it says no, the object is read live. The
 * cluster may have no such resource, get it later, or lose it: then there are no objects, and nothing else changes.
 */
import type { V1APIGroup } from '@kubernetes/client-node';
import { apiPath, type Client, createClient, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { found } from '../kubernetes/errors.ts';
import { type CacheOptions, follow } from '../kubernetes/informer.ts';
import { type Listed, listAll } from '../kubernetes/list.ts';
import type { LiveReads } from '../kubernetes/live-reads.ts';
import { createIndexedObjects, type LabelOf } from './indexed-objects.ts';

/** The time between two lists in a cluster without the resource (milliseconds). Pods need not wait for it: they read live. */
const ABSENT_MS = 60_000;

/**
 * Matches what the name of an object can be. The API server is not asked for any other name, so that none leads to another path
 * of it.
 */
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** An object as the API server has it. */
type Raw<Spec> = {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
  readonly spec?: Spec;
};

/** Says what is read of the objects of a resource. */
export type Resource<Spec, Kept> = {
  readonly group: string;
  readonly plural: string;
  /** The versions of the resource; the first that is served is used. */
  readonly versions: readonly string[];
  /** The name of the objects in the log. */
  readonly kinds: string;
  /** Returns what is read of an object. */
  readonly read: (spec: Spec | undefined) => Kept;
  /** Returns the part of it that the cache holds; without this member, all of it. */
  readonly trim?: (read: Kept) => Kept;
  /** Returns the label of an object. Its key is `namespace/name`. */
  readonly labelOf?: LabelOf<Kept>;
};

/** The options of a cache of a custom resource. */
export type ResourceOptions = CacheOptions & { readonly live: LiveReads; readonly absentMs?: number };

/** Returns an object by its namespace, which is undefined for cluster-wide ones, and its name. `isLive` asks the API server. */
type ReadObject<Kept> = (namespace: string | undefined, name: string, isLive: boolean) => Promise<Kept | undefined>;

export type Followed<Kept> = {
  readonly one: ReadObject<Kept>;
  /** Returns the keys of the objects of the cache that have this label. */
  readonly labelled: (label: string) => readonly string[];
};

/** Starts to follow the objects of a resource, and returns functions that find them. */
export function followResource<Spec, Kept>(resource: Resource<Spec, Kept>, options: ResourceOptions): Followed<Kept> {
  const { group, plural, versions, kinds, read, labelOf, trim = (kept) => kept } = resource;
  const { live } = options;
  const lists = createClient(options.kubeConfig, PAGE_TIMEOUT_MS);
  const keep = ({ metadata, spec }: Raw<Spec>) =>
    [keyOf(metadata?.namespace, metadata?.name ?? ''), trim(read(spec))] as const;
  const known = createIndexedObjects<Kept>(labelOf);
  let served: string | undefined;

  const serve = (version: string) => {
    if (version === served) return;
    served = version;
    const name = `${plural}.${group}`;
    if (version === 'none') options.log.info({ resource: name }, `The cluster has no ${kinds} (yet)`);
    else options.log.info({ resource: name, version }, `Reading the ${kinds} of the cluster`);
  };

  void follow<Raw<Spec>, readonly [string, Kept]>({
    absentMs: ABSENT_MS,
    ...options,
    resource: plural,
    async list() {
      for (const version of versions) {
        const listed = await found(listVersion(lists, resource, version, keep));
        if (listed) serve(version);
        if (listed) return listed;
      }
      serve('none');
      return undefined;
    },
    replace: known.replace,
    changed(object, deleted) {
      const { namespace, name = '' } = object.metadata ?? {};
      for (const version of versions) live.forget(pathOf(resource, version, namespace, name));
      const [key, kept] = keep(object);
      if (deleted) known.delete(key);
      else known.set(key, kept);
    },
  });

  const one: ReadObject<Kept> = async (namespace, name, isLive) => {
    const cached = isLive ? undefined : known.get(keyOf(namespace, name));
    if (cached || !NAME.test(name)) return cached;
    const version = served === versions[0] ? served : await servedVersion(live, resource);
    const raw = version && (await live.read<Raw<Spec>>(pathOf(resource, version, namespace, name)));
    return raw ? read(raw.spec) : undefined;
  };
  return { one, labelled: known.labelled };
}

type Named = Pick<Resource<never, never>, 'group' | 'plural' | 'versions'>;

/** Returns the first of our versions that the API server serves now, or undefined where it serves none. */
async function servedVersion(live: LiveReads, { group, versions }: Named): Promise<string | undefined> {
  const answer = await live.read<V1APIGroup>(apiPath`/apis/${group}`);
  return versions.find((wanted) => answer?.versions.some(({ version }) => version === wanted));
}

function pathOf({ group, plural }: Named, version: string, namespace: string | undefined, name: string): string {
  return namespace === undefined
    ? apiPath`/apis/${group}/${version}/${plural}/${name}`
    : apiPath`/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`;
}

function listVersion<Spec, Kept>(
  api: Client,
  { group, plural }: Named,
  version: string,
  keep: (raw: Raw<Spec>) => readonly [string, Kept],
): Promise<Listed<readonly [string, Kept]>> {
  return listAll(api, { path: `/apis/${group}/${version}/${plural}` }, keep);
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

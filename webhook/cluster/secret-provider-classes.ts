/**
 * Follows the SecretProviderClasses. The cache holds what is read of them; before it says no, the object is read live. The cluster
 * may have no such resource, get it later, or lose it: then there are no classes, and nothing else changes.
 */
import type { V1APIGroup } from '@kubernetes/client-node';
import type { Facts } from '../admission/facts.ts';
import { type ProviderClass, type RawSpec, readSpec } from '../declare/provider-class.ts';
import { apiPath, type Client, createClient, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { found } from '../kubernetes/errors.ts';
import { type CacheOptions, follow } from '../kubernetes/informer.ts';
import { type Listed, listAll } from '../kubernetes/list.ts';
import type { LiveReads } from '../kubernetes/live-reads.ts';

const GROUP = 'secrets-store.csi.x-k8s.io';
const PLURAL = 'secretproviderclasses';

/** The versions of the resource; the first that is served is used. Drivers before 1.0 have the second only. */
const VERSIONS = ['v1', 'v1alpha1'] as const;

/** The time between two lists in a cluster without the resource (milliseconds). Pods need not wait for it: they read live. */
const ABSENT_MS = 60_000;

/**
 * Matches what the name of a class can be. The API server is not asked for any other name, so that none leads to another path
 * of it.
 */
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

type Raw = {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
  readonly spec?: RawSpec;
};

type Kept = readonly [key: string, kept: ProviderClass];

type Version = (typeof VERSIONS)[number];

/** Starts to follow the SecretProviderClasses, and returns a function that returns one. */
export function providerClasses(
  options: CacheOptions & { readonly live: LiveReads; readonly absentMs?: number },
): Facts['classOf'] {
  const { live } = options;
  const lists = createClient(options.kubeConfig, PAGE_TIMEOUT_MS);
  let known = new Map<string, ProviderClass>();
  let served: Version | 'none' | undefined;

  const serve = (version: Version | 'none') => {
    if (version === served) return;
    served = version;
    const resource = `${PLURAL}.${GROUP}`;
    if (version === 'none') options.log.info({ resource }, 'The cluster has no SecretProviderClasses (yet)');
    else options.log.info({ resource, version }, 'Reading the SecretProviderClasses of the cluster');
  };

  void follow<Raw, Kept>({
    absentMs: ABSENT_MS,
    ...options,
    resource: PLURAL,
    async list() {
      for (const version of VERSIONS) {
        const listed = await found(listVersion(lists, version));
        if (listed) serve(version);
        if (listed) return listed;
      }
      serve('none');
      return undefined;
    },
    replace(classes) {
      known = new Map(classes);
    },
    changed(object, deleted) {
      const { namespace = '', name = '' } = object.metadata ?? {};
      for (const version of VERSIONS) live.forget(pathOf(version, namespace, name));
      const [key, kept] = keep(object);
      if (deleted) known.delete(key);
      else known.set(key, kept);
    },
  });

  return async (namespace, name, isLive) => {
    const cached = isLive ? undefined : known.get(keyOf(namespace, name));
    if (cached || !NAME.test(name)) return cached;
    const version = served === 'v1' ? served : await servedVersion(live);
    const raw = version && (await live.read<Raw>(pathOf(version, namespace, name)));
    return raw && trim(raw)[1];
  };
}

/** Returns the first of our versions that the API server serves now, or undefined where it serves none. */
async function servedVersion(live: LiveReads): Promise<Version | undefined> {
  const group = await live.read<V1APIGroup>(apiPath`/apis/${GROUP}`);
  return VERSIONS.find((wanted) => group?.versions.some(({ version }) => version === wanted));
}

function pathOf(version: Version, namespace: string, name: string): string {
  return apiPath`/apis/${GROUP}/${version}/namespaces/${namespace}/${PLURAL}/${name}`;
}

/** Keeps of another provider's class only whose it is: such classes may be many, and nothing else of them is read. */
function keep(raw: Raw): Kept {
  const [key, { provider, ...ours }] = trim(raw);
  return [key, provider === 'aws' ? { provider, ...ours } : { ...given(provider), parameters: {}, secretObjects: [] }];
}

function given(provider: string | undefined): Pick<ProviderClass, 'provider'> {
  return provider === undefined ? {} : { provider };
}

function listVersion(api: Client, version: Version): Promise<Listed<Kept>> {
  return listAll(api, { path: `/apis/${GROUP}/${version}/${PLURAL}` }, keep);
}

function trim({ metadata, spec }: Raw): Kept {
  return [keyOf(metadata?.namespace, metadata?.name), readSpec(spec)];
}

function keyOf(namespace = '', name = ''): string {
  return `${namespace}/${name}`;
}

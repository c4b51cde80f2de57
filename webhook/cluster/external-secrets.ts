/** Follows the ExternalSecrets and the stores of the External Secrets operator. */
import type { External, ExternalFacts } from '../admission/facts.ts';
import { OBJECT_NAME } from '../declare/values.ts';
import { secretNameOf } from '../external-secrets/references.ts';
import { followResource, type Resource, type ResourceOptions } from './custom-resources.ts';

/** A spec has at most so many characters as JSON. A longer one is not kept, so that what is read for a pod is bounded. */
export const SPEC_LIMIT = 64 * 1024;

const GROUP = { group: 'external-secrets.io', versions: ['v1', 'v1beta1'] } as const;

/** The plural names of the resources, which are those of the caches, too. */
export const EXTERNAL_RESOURCES = ['externalsecrets', 'secretstores', 'clustersecretstores'] as const;

type Plural = (typeof EXTERNAL_RESOURCES)[number];

const KINDS: Readonly<Record<Plural, string>> = {
  externalsecrets: 'ExternalSecrets',
  secretstores: 'SecretStores',
  clustersecretstores: 'ClusterSecretStores',
};

/** Starts to follow the objects, and returns functions that return one. `optionsFor` returns the options of a cache. */
export function externalSecrets(optionsFor: (plural: Plural) => ResourceOptions): ExternalFacts {
  const follow = (plural: Plural) => followResource(resourceOf(plural), optionsFor(plural));
  const secrets = followResource(
    { ...resourceOf('externalsecrets'), labelOf: secretOf },
    optionsFor('externalsecrets'),
  );
  const stores = follow('secretstores').one;
  const clusterStores = follow('clustersecretstores').one;
  return {
    externalSecretOf: secrets.one,
    externalSecretsFor: async (namespace, names) =>
      names
        .flatMap((name) => secrets.labelled(`${namespace}/${name}`))
        .map((key) => key.slice(namespace.length + 1))
        .sort(),
    storeOf: (kind, namespace, name, isLive) =>
      kind === 'ClusterSecretStore' ? clusterStores(undefined, name, isLive) : stores(namespace, name, isLive),
  };
}

function resourceOf(plural: Plural): Resource<unknown, External> {
  return { ...GROUP, plural, kinds: KINDS[plural], read: bounded };
}

/** Keeps of a spec that is too long only the name of its Secret, so that pods that need it are refused. */
function bounded(spec: unknown): External {
  if ((JSON.stringify(spec)?.length ?? 0) <= SPEC_LIMIT) return { spec };
  const name = secretNameOf('', spec);
  return { spec: OBJECT_NAME.test(name) ? { target: { name } } : undefined, isTooLong: true };
}

/** Returns the namespace and the name of the Secret that an ExternalSecret makes. */
function secretOf(key: string, { spec }: External): string {
  const slash = key.indexOf('/');
  return key.slice(0, slash + 1) + secretNameOf(key.slice(slash + 1), spec);
}

/** Follows the ExternalSecrets and the stores of the External Secrets operator. */
import type { External, ExternalFacts } from '../admission/facts.ts';
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
  const secrets = follow('externalsecrets');
  const stores = follow('secretstores');
  const clusterStores = follow('clustersecretstores');
  return {
    externalSecretOf: secrets,
    storeOf: (kind, namespace, name, isLive) =>
      kind === 'ClusterSecretStore' ? clusterStores(undefined, name, isLive) : stores(namespace, name, isLive),
  };
}

function resourceOf(plural: Plural): Resource<unknown, External> {
  return { ...GROUP, plural, kinds: KINDS[plural], read: bounded };
}

function bounded(spec: unknown): External {
  return (JSON.stringify(spec)?.length ?? 0) > SPEC_LIMIT ? { spec: undefined, isTooLong: true } : { spec };
}

/** The facts of the cluster that a decision about a pod needs, each from its own cache. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Facts, NO_EXTERNAL_SECRETS } from '../admission/facts.ts';
import { deliversEnvFiles, ENV_FILES } from '../admission/kubernetes-version.ts';
import type { Log } from '../kubernetes/informer.ts';
import { createLiveReads } from '../kubernetes/live-reads.ts';
import { type EXTERNAL_RESOURCES, externalSecrets } from './external-secrets.ts';
import { followNodes } from './nodes.ts';
import { providerClasses } from './secret-provider-classes.ts';
import { serverVersion } from './server-version.ts';
import { serviceAccountRoles } from './service-accounts.ts';

type Cache = 'serviceaccounts' | 'secretproviderclasses' | 'nodes' | (typeof EXTERNAL_RESOURCES)[number];

type Options = {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called when a cache holds everything: after its first list, and after each later one. */
  readonly onSynced: (cache: Cache) => void;
  /** Called when the API server has answered for this cache. */
  readonly onContact: (cache: Cache) => void;
  /** True if the objects of External Secrets are followed. Without it, none is known. */
  readonly external: boolean;
};

/** Starts to follow the cluster until the signal aborts, and returns what is known of it. */
export function clusterFacts({ kubeConfig, log, signal, onSynced, onContact, external }: Options): Facts {
  const cache = (name: Cache) => ({
    kubeConfig,
    log,
    signal,
    onSynced: () => onSynced(name),
    onContact: () => onContact(name),
  });
  const live = createLiveReads(kubeConfig);
  const nodes = followNodes(cache('nodes'));
  const version = serverVersion(kubeConfig);
  // The version is read before the first pod comes: then the API server may fail for a moment when it does.
  version(ENV_FILES).catch(() => {});
  return {
    roleOf: serviceAccountRoles({ ...cache('serviceaccounts'), live }),
    classOf: providerClasses({ ...cache('secretproviderclasses'), live }),
    ...(external ? externalSecrets((plural) => ({ ...cache(plural), live })) : NO_EXTERNAL_SECRETS),
    region: nodes.region,
    serverVersion: version,
    async envFiles() {
      const server = await version(ENV_FILES);
      return {
        serverVersion: `${server.major}.${server.minor}`,
        server: deliversEnvFiles(server),
        everyNode: nodes.everyNode(),
      };
    },
  };
}

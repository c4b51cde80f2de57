/**
 * The names of the containers, volumes and paths that the injector adds to a pod. Policies and other webhooks rely on
 * them.
 */

/** The init container that fetches the secrets: the injected container. */
export const CONTAINER = 'aws-secrets-injector';
/** The init container that stops a pod on a node whose kubelet is too old for variables from files; see sentinel.ts. */
export const SENTINEL_CONTAINER = 'aws-secrets-injector-sentinel';

/** The volumes that the injector adds. */
export const VOLUMES = {
  /** Has the files that the containers mount at the mount path. */
  secrets: 'aws-secrets',
  /** Has the files that the containers mount one by one, each at an absolute path of its own. */
  files: 'aws-secrets-files',
  /** Has a file for each variable, or the file that a shell sources. */
  environment: 'aws-secrets-env',
  /** Is in memory and for the sidecar alone, with its socket; only in pods with rotation. */
  state: 'aws-secrets-state',
  /** Has the ServiceAccount's token for AWS. */
  token: 'aws-secrets-token',
  /** Has the CA bundle of a ConfigMap, if the chart names one. */
  ca: 'aws-secrets-ca',
  /** Has the token and the certificate authority for the API server; only in pods that make Secrets. */
  kubernetes: 'aws-secrets-kubernetes',
} as const;

/** Begins the annotation `status` of a pod that was injected with warnings, which follow. */
export const INJECTED_WITH_WARNINGS = 'injected; warnings: ';

/** Returns the directory in the injected container at which a volume that was taken over is mounted. */
export function volumeDirectory(volume: string): string {
  return `/run/aws-secrets-injector/volumes/${volume}`;
}

/**
 * The names of the containers, volumes and paths that the injector adds to a pod. Policies and other webhooks rely on
 * them.
 */

/** The init container that fetches the secrets: the injected container. */
export const CONTAINER = 'aws-secrets-injector';
/** The init container that stops a pod on a node whose kubelet is too old for variables from files; see sentinel.ts. */
export const SENTINEL_CONTAINER = 'aws-secrets-injector-sentinel';

/** The volume with the files that the containers mount at the mount path. */
export const SECRETS_VOLUME = 'aws-secrets';
/** The volume with the files that the containers mount one by one, each at an absolute path of its own. */
export const FILES_VOLUME = 'aws-secrets-files';
/** The volume with a file for each variable, or with the file that a shell sources. */
export const ENVIRONMENT_VOLUME = 'aws-secrets-env';
/** The volume with the ServiceAccount's token for AWS. */
export const TOKEN_VOLUME = 'aws-secrets-token';
/** The volume in memory of the sidecar alone, with its socket; only in pods with rotation. */
export const STATE_VOLUME = 'aws-secrets-state';
/** The volume with the CA bundle of a ConfigMap, if the chart names one. */
export const CA_VOLUME = 'aws-secrets-ca';

/** The volume with the token and the certificate authority for the API server; only in pods that make Secrets. */
export const KUBERNETES_VOLUME = 'aws-secrets-kubernetes';

/** Begins the annotation `status` of a pod that was injected with warnings, which follow. */
export const INJECTED_WITH_WARNINGS = 'injected; warnings: ';

/** Returns the directory in the injected container at which a volume that was taken over is mounted. */
export function volumeDirectory(volume: string): string {
  return `/run/aws-secrets-injector/volumes/${volume}`;
}

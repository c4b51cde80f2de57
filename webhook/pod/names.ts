/** The names that the injector has in a pod; others rely on them. */

export const CONTAINER = 'aws-secrets-injector';
/** Only where a node may be too old to deliver variables: it stops the pod there. */
export const SENTINEL_CONTAINER = 'aws-secrets-injector-sentinel';

export const SECRETS_VOLUME = 'aws-secrets';
export const ENVIRONMENT_VOLUME = 'aws-secrets-env';
export const TOKEN_VOLUME = 'aws-secrets-token';

/** Where the init container sees a volume of the pod's own that it fills in the CSI driver's place. */
export function volumeDirectory(volume: string): string {
  return `/run/aws-secrets-injector/volumes/${volume}`;
}

/** No variable of `env` can be called so: what stands for Secrets never meets one. */
const SYNCED_FOLDER = '.secrets/';

/** In the environment volume: the file that stands for one key of a Secret that the CSI driver would make. */
export function syncedPath(secretName: string, key: string): string {
  return `${SYNCED_FOLDER}${secretName}/${key}`;
}

/** The Secret and the key that such a file stands for; undefined where it is none. */
export function syncedFrom(path: string): { readonly name: string; readonly key: string } | undefined {
  const [name, key, ...others] = isSyncedPath(path) ? path.slice(SYNCED_FOLDER.length).split('/') : [];
  return name && key && others.length === 0 ? { name, key } : undefined;
}

export function isSyncedPath(path: string): boolean {
  return path.startsWith(SYNCED_FOLDER);
}

/** Names the files that replace synced Secrets: those that the CSI driver would make from the secretObjects of a class. */

/**
 * The folder of the files that replace synced Secrets. No variable of `env` can have this name, so that no file
 * collides.
 */
const SYNCED_FOLDER = '.secrets/';

/** Returns the path in the environment volume of the file that replaces one key of a synced Secret. */
export function syncedPath(secretName: string, key: string): string {
  return `${SYNCED_FOLDER}${secretName}/${key}`;
}

/** Returns the Secret and the key that the file at this path replaces, or undefined if it is not such a file. */
export function syncedFrom(path: string): { readonly name: string; readonly key: string } | undefined {
  const [name, key, ...others] = isSyncedPath(path) ? path.slice(SYNCED_FOLDER.length).split('/') : [];
  return name && key && others.length === 0 ? { name, key } : undefined;
}

/** Returns whether the path is that of a file which replaces a key of a synced Secret. */
export function isSyncedPath(path: string): boolean {
  return path.startsWith(SYNCED_FOLDER);
}

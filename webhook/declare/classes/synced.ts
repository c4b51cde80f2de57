/** Reads secretObjects: the Secrets that the CSI driver would make from the files of a class. */

import type { Source } from '../../../injector/contract/source.ts';
import type { Declaration, SyncedSecret } from '../declaration.ts';
import type { FileOutput, Output } from '../outputs.ts';
import type { SecretObject } from '../provider-class.ts';
import { OBJECT_NAME } from '../values.ts';

/** Matches a key that the API server takes in a Secret: it is not a path, and does not start with "..". */
export const KEY = /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/;

type Key = { readonly key: string; readonly source: Source; readonly jmesPath?: string };
export type SyncedDraft = { readonly secretName: string; readonly keys: readonly Key[] };

/**
 * Returns the Secrets that the driver would make. Each has a name, a type and data, and each entry of its data has a key and the
 * path of a file of this class. Names are trimmed, and of two entries with one key the last one counts. Secrets of type
 * kubernetes.io/tls are left out, because the driver rewrites their PEM.
 */
export function syncedBy(secretObjects: readonly SecretObject[], outputs: readonly Output[]): SyncedDraft[] {
  const files = new Map(outputs.filter((output) => output.kind === 'files').map((file) => [file.part.path, file]));
  return secretObjects.flatMap((secret) => {
    const [secretName, type] = [secret.secretName.trim(), secret.type.trim()];
    const keys = keysOf(secret, files);
    if (!OBJECT_NAME.test(secretName) || type === '' || type === 'kubernetes.io/tls' || keys === undefined) return [];
    return [{ secretName, keys }];
  });
}

/** Returns undefined if one entry is invalid: then the driver makes no Secret at all. */
function keysOf({ data }: SecretObject, files: ReadonlyMap<string, FileOutput>): Key[] | undefined {
  const keys = new Map<string, Key>();
  for (const entry of data) {
    const [key, file] = [entry.key.trim(), files.get(entry.objectName.trim())];
    // The driver does not see files below a name that starts with "..".
    if (!KEY.test(key) || file === undefined || file.part.path.startsWith('..')) return undefined;
    const { jmesPath } = file.part;
    keys.set(key, { key, source: file.source, ...(jmesPath !== undefined && { jmesPath }) });
  }
  return keys.size === 0 ? undefined : [...keys.values()];
}

/** Returns the Secrets with the indices of their objects. Of two Secrets with one name the first one counts. */
export function toSynced(drafts: readonly SyncedDraft[], indexOf: (source: Source) => number): Declaration['synced'] {
  const secrets = new Map<string, SyncedSecret>();
  for (const { secretName, keys } of drafts) {
    if (secrets.has(secretName)) continue;
    const indexed = keys.map(({ source, ...key }) => ({ ...key, object: indexOf(source) }));
    secrets.set(secretName, { secretName, keys: indexed });
  }
  return [...secrets.values()];
}

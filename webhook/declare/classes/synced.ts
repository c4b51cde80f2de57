/** secretObjects: the Secrets that the CSI driver would make of a class's files. */

import type { Source } from '../../../injector/contract/source.ts';
import type { Declaration, SyncedSecret } from '../declaration.ts';
import type { FileOutput, Output } from '../outputs.ts';
import type { SecretObject } from '../provider-class.ts';
import { OBJECT_NAME } from '../values.ts';

/** As the API server takes it; neither a path nor hidden. */
const KEY = /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/;

type Key = { readonly key: string; readonly source: Source; readonly jmesPath?: string };
export type SyncedDraft = { readonly secretName: string; readonly keys: readonly Key[] };

/**
 * Returns the Secrets that the driver would make: with a name, a type and data, each entry of which has a key and the path of a
 * file of this class; names and keys as the API server takes them. Certificates are left out: the driver rewrites their PEM. Names are trimmed, and the last key wins.
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

/** One bad entry, and the driver makes no Secret at all. */
function keysOf({ data }: SecretObject, files: ReadonlyMap<string, FileOutput>): Key[] | undefined {
  const keys = new Map<string, Key>();
  for (const entry of data) {
    const [key, file] = [entry.key.trim(), files.get(entry.objectName.trim())];
    // Files below a name that starts with ".." are invisible to the driver.
    if (!KEY.test(key) || file === undefined || file.part.path.startsWith('..')) return undefined;
    const { jmesPath } = file.part;
    keys.set(key, { key, source: file.source, ...(jmesPath !== undefined && { jmesPath }) });
  }
  return keys.size === 0 ? undefined : [...keys.values()];
}

/** Returns the Secrets with the objects' indices. Of two Secrets of one name the first one counts. */
export function toSynced(drafts: readonly SyncedDraft[], indexOf: (source: Source) => number): Declaration['synced'] {
  const secrets = new Map<string, SyncedSecret>();
  for (const { secretName, keys } of drafts) {
    if (secrets.has(secretName)) continue;
    const indexed = keys.map(({ source, ...key }) => ({ ...key, object: indexOf(source) }));
    secrets.set(secretName, { secretName, keys: indexed });
  }
  return [...secrets.values()];
}

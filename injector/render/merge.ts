/** Joins the JSON objects that a search finds, as External Secrets does by the rewrite `merge`. */
import { Secret } from '../secret.ts';
import type { Entries } from './keys.ts';
import { textOf } from './object.ts';
import { entriesAt } from './part.ts';
import { type Renamed, shown } from './rename.ts';

/**
 * The parts and keys of one search become at most so many files, failures among them. The number is a choice of ours: a search
 * may find as many objects.
 */
export const FOUND_FILES = 10_000;

/** Returns the keys of all objects with their values. A key that two objects have is a problem, and so is a value that is no object. */
export function mergeObjects(entries: Entries): Renamed<Secret> {
  const merged = new Map<string, Secret>();
  const owners = new Map<string, string>();
  for (const [name, value] of entries) {
    const object = entriesAt(value.reveal(), undefined);
    if (!object.ok)
      return { ok: false, code: 'ASI_OUT_EXPANSION', cause: `The value of ${shown(name)} is no JSON object.` };
    for (const [key, node] of object.entries) {
      const owner = owners.get(key);
      if (owner !== undefined) {
        const cause = `Both ${shown(owner)} and ${shown(name)} have the key ${shown(key)}.`;
        return { ok: false, code: 'ASI_OUT_KEY_COLLISION', cause };
      }
      if (node.kind === 'null') {
        return { ok: false, code: 'ASI_OUT_JSON_NULL', cause: `The key ${shown(key)} of ${shown(name)} is null.` };
      }
      if (merged.size === FOUND_FILES) {
        return { ok: false, code: 'ASI_OUT_TOO_MANY', cause: `The objects have more than ${FOUND_FILES} keys.` };
      }
      owners.set(key, name);
      merged.set(key, new Secret(textOf(node)));
    }
  }
  return { ok: true, entries: merged };
}

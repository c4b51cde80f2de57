/** Holds the objects of a cache by their keys, and finds those that have a label in common without looking at all of them. */

/** Returns the label of an object, by which it is found besides its key. */
export type LabelOf<Kept> = (key: string, kept: Kept) => string;

export type IndexedObjects<Kept> = {
  readonly get: (key: string) => Kept | undefined;
  /** Returns the keys of the objects with this label; none if the objects have no labels. */
  readonly labelled: (label: string) => readonly string[];
  readonly set: (key: string, kept: Kept) => void;
  readonly delete: (key: string) => void;
  /** Forgets all objects, and holds these. */
  readonly replace: (objects: readonly (readonly [key: string, kept: Kept])[]) => void;
};

/** Returns a store without objects. Without `labelOf`, objects have no labels. */
export function createIndexedObjects<Kept>(labelOf?: LabelOf<Kept>): IndexedObjects<Kept> {
  let objects = new Map<string, Kept>();
  let keys = new Map<string, Set<string>>();

  const label = (key: string, kept: Kept) => {
    const text = labelOf?.(key, kept);
    if (text !== undefined) keys.set(text, (keys.get(text) ?? new Set()).add(key));
  };
  const unlabel = (key: string) => {
    const kept = objects.get(key);
    const text = kept === undefined ? undefined : labelOf?.(key, kept);
    const group = text === undefined ? undefined : keys.get(text);
    group?.delete(key);
    if (text !== undefined && group?.size === 0) keys.delete(text);
  };
  return {
    get: (key) => objects.get(key),
    labelled: (text) => [...(keys.get(text) ?? [])],
    set(key, kept) {
      unlabel(key);
      objects.set(key, kept);
      label(key, kept);
    },
    delete(key) {
      unlabel(key);
      objects.delete(key);
    },
    replace(list) {
      objects = new Map(list);
      keys = new Map();
      for (const [key, kept] of objects) label(key, kept);
    },
  };
}

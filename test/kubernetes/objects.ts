/** Keeps the objects of an in-memory API server, their resource versions and history, and their watches. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

export type Stored = {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string; [key: string]: unknown };
  type?: string;
  involvedObject?: { uid?: string };
  data?: Record<string, string>;
  webhooks?: { name: string; clientConfig: { caBundle?: string } }[];
  [key: string]: unknown;
};

/** A collection of all namespaces, like `/api/v1/secrets`, and the part of it that a request is about. */
export type Selection = {
  readonly collection: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The uid of the object that an Event is about. */
  readonly about?: string;
  /** The reason that an Event gives. */
  readonly reason?: string;
};

export type Event = {
  readonly collection: string;
  readonly version: number;
  readonly type: string;
  readonly object: Stored;
};

/** Returns empty collections. Only a collection that is installed can hold an object. */
export function createObjects(installed: readonly string[]) {
  const collections = new Map<string, Map<string, Stored>>(installed.map((path) => [path, new Map()]));
  const history: Event[] = [];
  const listeners: ((event: Event) => void)[] = [];
  let version = 100;

  const emit = (collection: string, type: string, { metadata, ...object }: Stored) => {
    version += 1;
    const stored = structuredClone({ ...object, metadata: { ...metadata, resourceVersion: String(version) } });
    const event = { collection, version, type, object: stored };
    history.push(event);
    return event;
  };
  const tell = (event: Event) => {
    for (const listener of listeners) listener(event);
  };
  const find = (selection: Selection) =>
    [...(collections.get(selection.collection)?.values() ?? [])].filter(selects(selection));

  return {
    version: () => version,
    /** Moves the version on, as changes of other collections do. */
    skip: (count: number) => {
      version += count;
    },
    isInstalled: (collection: string) => collections.has(collection),
    collections: () => [...collections.keys()],
    install: (collection: string) => void collections.set(collection, new Map()),
    uninstall: (collection: string) => {
      for (const object of find({ collection })) tell(emit(collection, 'DELETED', object));
      collections.delete(collection);
    },
    find: (selection: Selection) => structuredClone(find(selection)),
    /** Writes an object, whatever its version. A write that changes nothing makes no new version and no event. */
    put(collection: string, object: Stored, { silently = false } = {}): Stored {
      const key = keyOf(object);
      const old = collections.get(collection)?.get(key);
      const { uid = old?.metadata.uid ?? randomUUID() } = object.metadata;
      const resourceVersion = old?.metadata.resourceVersion ?? '';
      const written = { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
      if (old && isDeepStrictEqual(old, written)) return old;
      const event = emit(collection, old ? 'MODIFIED' : 'ADDED', written);
      if (silently) history.pop();
      collections.get(collection)?.set(key, event.object);
      if (!silently) tell(event);
      return event.object;
    },
    remove(collection: string, object: Stored): void {
      const old = collections.get(collection)?.get(keyOf(object));
      if (!old) return;
      collections.get(collection)?.delete(keyOf(object));
      tell(emit(collection, 'DELETED', old));
    },
    /** Returns the events of a selection after this version. */
    since: (from: number, selection: Selection) =>
      history.filter((event) => event.version > from && selects(selection)(event.object, event.collection)),
    onEvent: (listener: (event: Event) => void) => void listeners.push(listener),
  };
}

/** Returns a filter for the objects of a selection. */
export function selects({ collection, namespace, name, about, reason }: Selection) {
  return ({ metadata, involvedObject, ...object }: Stored, of: string | number = collection): boolean =>
    (typeof of === 'number' || of === collection) &&
    (namespace === undefined || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    (about === undefined || involvedObject?.uid === about) &&
    (reason === undefined || object['reason'] === reason);
}

function keyOf({ metadata }: Stored): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

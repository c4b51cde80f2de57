/** Lists of AWS, page by page: an empty page may have a next one, and what has arrived is not asked for again. */
import type { Ask } from '../aws/calls.ts';
import type { Clients } from '../aws/clients.ts';
import { type About, named } from '../aws/error.ts';

export type ListOptions = {
  readonly ask: Ask;
  /** An empty list is an answer; else it is NothingFound, which is tried again as anything that may not be there yet. */
  readonly optional: boolean;
  readonly about: About;
  /** How many bytes all that the search finds may have. */
  readonly room: Room;
  /** Milliseconds until the run's deadline, after which no further page is asked for. */
  readonly remaining: () => number;
};

/** Counts the bytes that a search finds. */
export type Room = {
  /** Throws SearchTooLarge where that many more bytes are too many. */
  take(bytes: number): void;
};

/** Returns room for that many bytes. */
export function createRoom(bytes: number): Room {
  let left = bytes;
  return {
    take: (more) => {
      left -= more;
      if (left < 0) throw named('SearchTooLarge');
    },
  };
}

/** A volume that holds more files is none that anybody wants. */
export const OBJECTS = 10_000;

/** A page has at most 10 parameters or 100 secrets; many may be empty. */
export const PAGES = 1000;

/** One page. `bytes` counts what is kept of its items. */
type Page<Item> = { readonly items: readonly Item[]; readonly bytes: number; readonly next: unknown };

/**
 * Returns all items of all pages. Rejects with a RegionError whose cause is EndlessList where AWS names the same page twice, or
 * more pages than can be right; SearchTooLarge where there are too many items or bytes.
 */
export function listAll<Item>(
  { ask, optional, about, room, remaining }: ListOptions,
  page: (clients: Clients, token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  return ask(async (clients) => {
    const seen = new Set<string>();
    do {
      if (seen.size > 0 && remaining() < 0) throw named('TimeoutError');
      const { items, bytes, next } = await page(clients, token);
      room.take(bytes);
      if (all.length + items.length > OBJECTS) throw named('SearchTooLarge');
      all.push(...items);
      token = unseen(next, seen);
    } while (token !== undefined);
    if (all.length === 0 && !optional) throw named('NothingFound');
    return all;
  }, about);
}

/** Returns the token of the next page and notes it; undefined after the last one. The SDK passes on whatever is in its place. */
function unseen(token: unknown, seen: Set<string>): string | undefined {
  if (!token) return undefined;
  if (typeof token !== 'string') throw named('MalformedAnswer');
  if (seen.has(token) || seen.size === PAGES) throw named('EndlessList');
  seen.add(token);
  return token;
}

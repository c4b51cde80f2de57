/** Reads lists of AWS page by page. An empty page may have a next one. A retry goes on at the page that failed. */
import type { Clients } from '../aws/clients.ts';
import { type About, named } from '../aws/error.ts';
import type { SearchOptions } from './service.ts';

export type ListOptions = Pick<SearchOptions, 'ask' | 'optional' | 'remaining'> & {
  readonly about: About;
  /** Limits the bytes of everything that the search finds. */
  readonly room: Room;
};

/** Counts the bytes that a search finds. */
export type Room = {
  /** Takes that many bytes out of the room. Throws SearchTooLarge if fewer are left. */
  take(bytes: number): void;
};

/** Creates a room of that many bytes. */
export function createRoom(bytes: number): Room {
  let left = bytes;
  return {
    take: (more) => {
      left -= more;
      if (left < 0) throw named('SearchTooLarge');
    },
  };
}

/** The most objects that a search may find. The number is a choice of ours: each object becomes a file or a variable. */
export const OBJECTS = 10_000;

/** The most pages of one list. AWS gives at most 10 parameters (50 without values) or 100 secrets per page, and many pages may be empty. */
export const PAGES = 1000;

/** One page of a list. `bytes` is the size of the items in memory. `next` is the token of the next page, if there is one. */
type Page<Item> = { readonly items: readonly Item[]; readonly bytes: number; readonly next: string | undefined };

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

/** Returns the token of the next page and remembers it; undefined after the last page, whose token may be empty. */
function unseen(token: string | undefined, seen: Set<string>): string | undefined {
  if (!token) return undefined;
  if (seen.has(token) || seen.size === PAGES) throw named('EndlessList');
  seen.add(token);
  return token;
}

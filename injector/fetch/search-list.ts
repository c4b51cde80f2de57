/** Lists of AWS, page by page: an empty page may have a next one, and what has arrived is not asked for again. */
import type { Ask } from '../aws/calls.ts';
import type { Clients } from '../aws/clients.ts';
import { type About, named } from '../aws/error.ts';

export type ListOptions = {
  readonly ask: Ask;
  /** An empty list is an answer; else it is NothingFound, which is tried again as anything that may not be there yet. */
  readonly optional: boolean;
  readonly about: About;
};

/** A page has at most 10 parameters or 100 secrets, and a volume that holds 10,000 files is none that anybody wants. */
const PAGES = 1000;

type Page<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

/** All items of all pages. EndlessList: AWS names the same page twice, or more of them than can be right. */
export function listAll<Item>(
  { ask, optional, about }: ListOptions,
  page: (clients: Clients, token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  return ask(async (clients) => {
    const seen = new Set<string>();
    do {
      const { items, next } = await page(clients, token);
      all.push(...items);
      token = next || undefined;
      if (token !== undefined && (seen.has(token) || seen.size === PAGES)) throw named('EndlessList');
      if (token !== undefined) seen.add(token);
    } while (token !== undefined);
    if (all.length === 0 && !optional) throw named('NothingFound');
    return all;
  }, about);
}

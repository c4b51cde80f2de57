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

type Page<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

/** All items of all pages. */
export function listAll<Item>(
  { ask, optional, about }: ListOptions,
  page: (clients: Clients, token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  return ask(async (clients) => {
    do {
      const { items, next } = await page(clients, token);
      all.push(...items);
      token = next || undefined;
    } while (token !== undefined);
    if (all.length === 0 && !optional) throw named('NothingFound');
    return all;
  }, about);
}

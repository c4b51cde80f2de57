/** A list in pages, trimmed page by page: of all objects of a large cluster, only what is kept is ever in memory at once. */
import type { Api } from '../../certs/kubernetes/api.ts';

type Page<Raw> = {
  readonly items: readonly Raw[];
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
};

/** Everything at one moment, and where a watch has to begin. */
export type Listed<Kept> = {
  /** The API path to watch. */
  readonly path: string;
  readonly items: readonly Kept[];
  readonly resourceVersion: string;
};

/** Of all objects of a kind: where they are, and what of each is wanted if not all of it. */
export type Place = { readonly path: string; readonly accept?: string };

const PAGE = 500;

/** Throws where any page fails: also when the API server has forgotten the moment that the first page was of (410). */
export async function listAll<Raw, Kept>(
  api: Api,
  { path, accept }: Place,
  trim: (raw: Raw) => Kept,
): Promise<Listed<Kept>> {
  const items: Kept[] = [];
  let next: string | undefined;
  let resourceVersion = '';
  do {
    const query = { limit: PAGE, ...(next && { continue: next }) };
    const { items: raw, metadata } = await api.get<Page<Raw>>(path, { query, ...(accept && { accept }) });
    for (const item of raw) items.push(trim(item));
    next = metadata?.continue;
    resourceVersion = metadata?.resourceVersion ?? '';
  } while (next);
  return { path, items, resourceVersion };
}

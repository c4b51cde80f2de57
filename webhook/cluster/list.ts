/** A list in pages, trimmed page by page: of all objects of a large cluster, only what is kept is ever in memory at once. */

/** A page, as the typed clients (`_continue`) and the API itself (`continue`) have it. */
export type Page<Raw> = {
  readonly items: readonly Raw[];
  readonly metadata?: { readonly _continue?: string; readonly continue?: string; readonly resourceVersion?: string };
};

/** Everything at one moment, and where a watch has to begin. */
export type Listed<Kept> = {
  /** The API path to watch. */
  readonly path: string;
  readonly items: readonly Kept[];
  readonly resourceVersion: string;
};

type PageQuery = { readonly limit: number; readonly _continue?: string };

const PAGE = 500;

/** Throws where any page fails: also when the API server has forgotten the moment that the first page was of (410). */
export async function listAll<Raw, Kept>(
  path: string,
  page: (query: PageQuery) => Promise<Page<Raw>>,
  trim: (raw: Raw) => Kept,
): Promise<Listed<Kept>> {
  const items: Kept[] = [];
  let next: string | undefined;
  let resourceVersion = '';
  do {
    const { items: raw, metadata }: Page<Raw> = await page({ limit: PAGE, ...(next && { _continue: next }) });
    for (const item of raw) items.push(trim(item));
    next = metadata?._continue || metadata?.continue;
    resourceVersion = metadata?.resourceVersion ?? '';
  } while (next);
  return { path, items, resourceVersion };
}

/** Lists in pages, each trimmed as it comes: of all objects of a large cluster, only what is kept is ever in memory at once. */
import type { Client } from './client.ts';

type Page<Raw> = {
  readonly items: readonly Raw[];
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
};

/** All objects as they were at one moment, and the version from which a watch goes on. */
export type Listed<Kept> = {
  /** The path of the API to watch. */
  readonly path: string;
  readonly items: readonly Kept[];
  readonly resourceVersion: string;
};

const PAGE = 500;

/** Asks for a list of metadata only: the API server leaves out the rest of each object. */
export const METADATA_LIST = partial('PartialObjectMetadataList');

/** Asks for a watch of metadata only. */
export const METADATA = partial('PartialObjectMetadata');

/**
 * Lists all objects at a path, which may have a query, and trims each. `accept` names the part of them that is wanted. Throws
 * where any page fails, also where the API server has forgotten the moment of the first page (410).
 */
export async function listAll<Raw, Kept>(
  client: Client,
  { path, accept }: { readonly path: string; readonly accept?: string },
  trim: (raw: Raw) => Kept,
): Promise<Listed<Kept>> {
  const items: Kept[] = [];
  let next: string | undefined;
  let resourceVersion = '';
  do {
    const query = { limit: PAGE, ...(next && { continue: next }) };
    const { items: raw, metadata } = await client.get<Page<Raw>>(path, { query, ...(accept && { accept }) });
    for (const item of raw) items.push(trim(item));
    next = metadata?.continue;
    resourceVersion = metadata?.resourceVersion ?? '';
  } while (next);
  return { path, items, resourceVersion };
}

function partial(kind: string): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}

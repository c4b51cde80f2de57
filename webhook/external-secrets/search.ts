/** Reads what `dataFrom[].find` of an ExternalSecret looks for, and writes it as a search of the annotations. */
import * as v from 'valibot';
import { isMembers } from '../../injector/contract/members.ts';
import { strict } from '../../injector/contract/strict.ts';
import type { SearchSource } from '../declare/outputs.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { text } from './schema.ts';
import type { Store } from './store.ts';

/** The members of `find` that say what is looked for. */
export const find = {
  name: v.optional(strict({ regexp: text })),
  path: v.optional(text),
  tags: v.optional(v.unknown()),
};

type Find = {
  readonly name?: { readonly regexp: string } | undefined;
  readonly path?: string | undefined;
  readonly tags?: unknown;
};

/**
 * Returns the search. In Secrets Manager the path is the beginning of a name; in Parameter Store a name is looked for below a path,
 * and tags do not count beside it. The problem is the end of a sentence.
 */
export function searchOf({ name, path, tags: raw }: Find, service: Store['service']): Result<SearchSource> {
  const tags = readTags(raw);
  if (!tags.ok) return tags;
  const hasTags = Object.keys(tags.value).length > 0;
  if (name === undefined && !hasTags) return err('has neither a name nor tags; write one of them');
  const regexp = name && { regexp: name.regexp };
  if (service === 'secretsmanager') {
    return ok({
      service,
      ...(path !== undefined && { prefix: path }),
      ...(hasTags && { tags: tags.value }),
      ...regexp,
    });
  }
  return ok({ service, path: path ?? '/', ...(regexp ?? { tags: tags.value }) });
}

/** Returns the keys of the search as `objects` has them, and `search` of `env-from`. */
export function keysOf({ service: _, ...keys }: SearchSource): Readonly<Record<string, unknown>> {
  return keys;
}

function readTags(raw: unknown): Result<Readonly<Record<string, string>>> {
  const entries = isMembers(raw) ? Object.entries(raw) : [];
  const texts = entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
  if (texts.length < entries.length || (raw !== undefined && !isMembers(raw))) {
    return err('has tags that are no map of texts');
  }
  return ok(Object.fromEntries(texts));
}

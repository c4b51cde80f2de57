import * as v from 'valibot';
import { list, oneOf, text } from '../constraints.ts';
import type { Context } from '../context.ts';
import type { Secret } from './store.ts';

/** Reads a filter of ListSecrets and BatchGetSecretValue. */
export const Filter = v.object({
  Key: oneOf(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
  Values: list(
    v.pipe(
      text(0, 512),
      v.regex(
        /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/,
        'Member must satisfy regular expression pattern: ^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$',
      ),
    ),
    1,
    10,
  ),
});

/**
 * Returns the secrets of the caller's account and region that pass all filters, the latest first, and deleted ones if they are
 * asked for.
 */
export function filterSecrets(
  { world, location }: Context,
  filters: v.InferOutput<typeof Filter>[],
  deletedToo = false,
): Secret[] {
  return [...world.secrets.values()]
    .filter(({ account, region }) => account === location.account && region === location.region)
    .filter(({ deletedAt }) => deletedToo || deletedAt === undefined)
    .filter((secret) => filters.every((filter) => passes(secret, filter)))
    .reverse();
}

/** Values are prefixes; one with `!` before it excludes. Any value is enough, and tags' keys and values know nothing of each other. */
function passes(secret: Secret, { Key, Values }: v.InferOutput<typeof Filter>): boolean {
  const has = (value: string) =>
    Key === 'all' ? hasWord(secret, value) : texts(secret, Key).some(startsWith(Key, value));
  return Values.some((value) => (value.startsWith('!') ? !has(value.slice(1)) : has(value)));
}

function startsWith(key: string, value: string): (text: string) => boolean {
  if (key !== 'description') return (text) => text.startsWith(value);
  return (text) => text.toLowerCase().startsWith(value.toLowerCase());
}

/** Returns whether any attribute has the words of the value, in any case. */
function hasWord(secret: Secret, value: string): boolean {
  const all = (['name', 'description', 'tag-key', 'tag-value'] as const).flatMap((key) => texts(secret, key));
  const words = value.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.some((word) => all.some((text) => text.toLowerCase().includes(word)));
}

function texts({ name, description = '', tags }: Secret, key: v.InferOutput<typeof Filter>['Key']): string[] {
  if (key === 'name') return [name];
  if (key === 'description') return [description];
  if (key === 'tag-key') return Object.keys(tags);
  return key === 'tag-value' ? Object.values(tags) : [];
}

/** All secrets of a prefix and tags: listed, then read twenty at a time, or one by one where the role lacks the permission. */
import {
  BatchGetSecretValueCommand,
  type Filter,
  GetSecretValueCommand,
  ListSecretsCommand,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { factsOf, isAbsence, isDenied, RegionError } from '../aws/error.ts';
import type { ConfigSearch } from '../contract/config.ts';
import { SEARCH_BYTES } from '../contract/sizes.ts';
import { chunks } from '../plan/together.ts';
import type { Secret } from '../secret.ts';
import { fitting, valueIn } from './ask.ts';
import { createRoom, type ListOptions, listAll, type Room } from './search-list.ts';
import { matched } from './together.ts';

type SecretSearch = Pick<Extract<ConfigSearch, { service: 'secretsmanager' }>, 'prefix' | 'tags'>;

type Options = Pick<ListOptions, 'ask' | 'optional' | 'remaining'> & { readonly warn: (message: string) => void };

type Reading = Options & { readonly room: Room };

/** What a filter's value may hold; anything else is only compared here. */
const FILTERABLE = /^[a-zA-Z0-9 :_@/+=.-][a-zA-Z0-9 :_@/+=.!-]{0,511}$/;

/** Returns the values by name. Rejects with a RegionError, or with an AggregateError of the secrets that could not be read. */
export async function secretsWith(search: SecretSearch, given: Options): Promise<Map<string, Secret>> {
  const options = { ...given, room: createRoom(SEARCH_BYTES.secretsmanager) };
  const names = await list(search, options);
  const found = new Map<string, Secret>();
  for (const some of chunks(names)) {
    const read = await readBatch(some, options);
    if (read === 'denied') break;
    for (const [name, secret] of read) found.set(name, secret);
  }
  const rest = names.filter((name) => !found.has(name));
  for (const [name, secret] of await readAlone(rest, options)) found.set(name, secret);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The names. AWS's filters only find candidates: they compare beginnings, and a tag's key and value apart. */
async function list(
  { prefix = '', tags = {} }: SecretSearch,
  { ask, optional, room, remaining }: Reading,
): Promise<string[]> {
  const wanted = Object.entries(tags);
  const [[key, value] = []] = wanted;
  const filters: Filter[] = (
    [
      ['name', prefix],
      ['tag-key', key],
      ['tag-value', value],
    ] as const
  ).flatMap(([Key, text]) => (text !== undefined && FILTERABLE.test(text) ? [{ Key, Values: [text] }] : []));
  const matches = (entry: SecretListEntry) =>
    entry.DeletedDate === undefined &&
    entry.Name?.startsWith(prefix) === true &&
    wanted.every(([key, value]) => entry.Tags?.some((tag) => tag.Key === key && tag.Value === value));
  const about = { action: 'secretsmanager:ListSecrets', name: undefined };
  return listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const command = new ListSecretsCommand({
      MaxResults: 100,
      ...(filters.length === 0 ? {} : { Filters: filters }),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { SecretList = [], NextToken } = await clients.secrets().send(command);
    const items = SecretList.filter(matches).flatMap(({ Name }) => Name ?? []);
    return { items, bytes: items.reduce((sum, name) => sum + Buffer.byteLength(name), 0), next: NextToken };
  });
}

/** What of them came. What did not, whyever, is asked for alone, where it gets an error of its own. */
async function readBatch(names: string[], { ask, warn, room }: Reading): Promise<Map<string, Secret> | 'denied'> {
  const about = { action: 'secretsmanager:BatchGetSecretValue', name: undefined };
  const read = await ask(async (clients) => {
    try {
      const { SecretValues = [] } = await clients
        .secrets()
        .send(new BatchGetSecretValueCommand({ SecretIdList: names }));
      const found = matched(clients, names, SecretValues);
      for (const secret of found.values()) room.take(secret.length);
      return found;
    } catch (error) {
      if (isDenied(error)) return 'denied';
      if (factsOf(error).name === 'AnswerTooLarge') return new Map<string, Secret>();
      throw error;
    }
  }, about);
  if (read === 'denied')
    warn('secretsmanager:BatchGetSecretValue on * is not allowed: the secrets are read one by one.');
  return read;
}

/** A secret that was deleted since it was listed is none of them. */
async function readAlone(names: readonly string[], options: Reading): Promise<(readonly [string, Secret])[]> {
  const results = await Promise.allSettled(names.map((name) => readOne(name, options)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const [first] = errors;
  if (first !== undefined) throw errors.every(isRegionError) && errors.length > 1 ? new AggregateError(errors) : first;
  return results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
}

async function readOne(name: string, { ask, room }: Reading): Promise<readonly [string, Secret] | undefined> {
  return ask(
    async (clients) => {
      try {
        const value = fitting(
          valueIn(clients, await clients.secrets().send(new GetSecretValueCommand({ SecretId: name }))),
        );
        room.take(value.length);
        return [name, value] as const;
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw error;
      }
    },
    { action: 'secretsmanager:GetSecretValue', name },
  );
}

function isRegionError(error: unknown): error is RegionError {
  return error instanceof RegionError;
}

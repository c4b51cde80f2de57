/** All secrets of a prefix and tags: listed, then read twenty at a time, or one by one where the role lacks the permission. */
import {
  BatchGetSecretValueCommand,
  type Filter,
  GetSecretValueCommand,
  ListSecretsCommand,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import type { Ask } from '../aws/calls.ts';
import { isAbsence, isDenied, named, RegionError } from '../aws/error.ts';
import type { ConfigSearch } from '../config.ts';
import { chunks } from '../plan/together.ts';
import type { Secret } from '../secret.ts';
import { valueIn } from './ask.ts';
import { listAll } from './search-list.ts';
import { matched } from './together.ts';

type SecretSearch = Pick<Extract<ConfigSearch, { service: 'secretsmanager' }>, 'prefix' | 'tags'>;

type Options = { readonly ask: Ask; readonly optional: boolean; readonly warn: (message: string) => void };

/** What a filter's value may hold; anything else is only compared here. */
const FILTERABLE = /^[a-zA-Z0-9 :_@/+=.-][a-zA-Z0-9 :_@/+=.!-]{0,511}$/;

/** By name. Rejects with a RegionError, or with an AggregateError of the secrets that could not be read. */
export async function secretsWith(search: SecretSearch, options: Options): Promise<Map<string, Secret>> {
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
async function list({ prefix = '', tags = {} }: SecretSearch, { ask, optional }: Options): Promise<string[]> {
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
  return listAll({ ask, optional, about }, async (clients, token) => {
    const command = new ListSecretsCommand({
      MaxResults: 100,
      ...(filters.length === 0 ? {} : { Filters: filters }),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { SecretList = [], NextToken } = await clients.secrets().send(command);
    return { items: SecretList.filter(matches).flatMap(({ Name }) => Name ?? []), next: NextToken };
  });
}

/** What of them came. What did not, whyever, is asked for alone, where it gets an error of its own. */
async function readBatch(names: string[], { ask, warn }: Options): Promise<Map<string, Secret> | 'denied'> {
  const about = { action: 'secretsmanager:BatchGetSecretValue', name: undefined };
  const output = await ask(async (clients) => {
    try {
      return await clients.secrets().send(new BatchGetSecretValueCommand({ SecretIdList: names }));
    } catch (error) {
      if (isDenied(error)) return undefined;
      throw error;
    }
  }, about);
  if (output === undefined) {
    warn('secretsmanager:BatchGetSecretValue on * is not allowed: the secrets are read one by one.');
    return 'denied';
  }
  return matched(names, output.SecretValues ?? []);
}

/** A secret that was deleted since it was listed is none of them. */
async function readAlone(names: readonly string[], { ask }: Options): Promise<(readonly [string, Secret])[]> {
  const results = await Promise.allSettled(names.map((name) => readOne(name, ask)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const [first] = errors;
  if (first !== undefined) throw errors.every(isRegionError) && errors.length > 1 ? new AggregateError(errors) : first;
  return results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
}

async function readOne(name: string, ask: Ask): Promise<readonly [string, Secret] | undefined> {
  return ask(
    async (clients) => {
      try {
        const value = valueIn(await clients.secrets().send(new GetSecretValueCommand({ SecretId: name })));
        if (value === undefined) throw named('MalformedAnswer');
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

/** Reads secrets of Secrets Manager: one by name, twenty current values at a time, or everything of a prefix and tags. */
import type { Filter } from '@aws-sdk/client-secrets-manager';
import { jsonLimit, REST } from '../aws/answer.ts';
import type { Clients } from '../aws/clients.ts';
import { factsOf, isAbsence, isDenied, RegionError } from '../aws/error.ts';
import type { Outputs } from '../aws/operations.ts';
import type { ConfigSearch } from '../contract/config.ts';
import { SERVICES } from '../contract/services.ts';
import { chunks } from '../plan/batch.ts';
import { patternOf } from '../plan/patterns.ts';
import { isTooLarge, type Secret } from '../secret.ts';
import { createRoom, listAll, type Room } from './pages.ts';
import { type Answer, MissingError, requireValue, type SearchOptions, type Service, type Wanted } from './service.ts';

type SecretValue = Outputs['GetSecretValue'];
type SecretEntry = Outputs['ListSecrets']['SecretList'][number];

const { prefetch, searchBytes, valueBytes } = SERVICES.secretsmanager;

const BATCH_ACTION = 'secretsmanager:BatchGetSecretValue';

/** Is the module of Secrets Manager. */
export const secretsManager: Service = {
  read: (clients, [wanted]: readonly [Wanted]) => readSecret(clients, wanted),
  prefetch: { action: BATCH_ACTION, read: readBatch },
  search: searchSecrets,
};

const KIBIBYTE = 1024;

/**
 * The most bytes of an answer with twenty secrets: enough for twenty of any usual size. Larger ones are read one by one: 32
 * answers may be on their way at a time, and the memory of the container is made for values, not for the most that twenty
 * could be.
 */
const BATCH_LIMIT = 1024 * KIBIBYTE;

/** The most entries of one page of ListSecrets (MaxResults). */
const PAGE_SIZE = 100;

/** The most bytes of an entry: a description of 2,048 and 50 tags of 128 + 256 characters, each of at most 3 bytes. */
const ENTRY_LIMIT = 64 * KIBIBYTE;

/** The most bytes of an answer with one value. */
const VALUE_LIMIT = REST + jsonLimit(valueBytes);

async function readSecret(clients: Clients, wanted: Wanted): Promise<Answer> {
  const { key, name, version, label, lenient } = wanted;
  const input = {
    SecretId: name,
    ...(version === undefined ? {} : { VersionId: version }),
    ...(label === undefined ? {} : { VersionStage: label }),
  };
  try {
    const value = valueIn(clients, await clients.ask('GetSecretValue', input, VALUE_LIMIT));
    return { values: new Map([[key, requireValue(value)]]), missing: new Map() };
  } catch (error) {
    if (!lenient || !isAbsence(error) || !(error instanceof Error)) throw error;
    throw new MissingError('OptionalMissing', { values: new Map(), missing: new Map([[key, error]]) });
  }
}

/** Returns the secret's value, which is text or bytes. */
function valueIn(clients: Clients, { SecretString, SecretBinary, VersionId }: SecretValue): Secret | undefined {
  return clients.valueIn(SecretString ?? SecretBinary, VersionId);
}

async function readBatch(clients: Clients, names: readonly string[]): Promise<Map<string, Secret>> {
  const input = { SecretIdList: [...names] };
  const { SecretValues } = await clients.ask('BatchGetSecretValue', input, BATCH_LIMIT);
  return match(clients, names, SecretValues);
}

/** Returns the values by requested name. A value is taken only if it can belong to no other name of the request. */
function match(clients: Clients, names: readonly string[], entries: readonly SecretValue[]): Map<string, Secret> {
  const asked = new Set(names);
  const values = new Map<string, Secret>();
  for (const name of names) {
    const [entry, ...others] = entries.filter((each) => isFor(name, each, asked));
    const value = entry === undefined || others.length > 0 ? undefined : valueIn(clients, entry);
    if (value !== undefined && !isTooLarge(value)) values.set(name, value);
  }
  return values;
}

/** Returns whether the entry answers the name. An entry that another ARN asked for may be of another account with this name. */
function isFor(name: string, { ARN, Name }: SecretValue, asked: ReadonlySet<string>): boolean {
  if (ARN === name) return true;
  if (ARN !== undefined && asked.has(ARN)) return false;
  if (!name.startsWith('arn:')) return Name === name;
  return ARN?.startsWith(`${name}-`) === true && ARN.length === name.length + '-abcdef'.length;
}

type SecretSearch = Extract<ConfigSearch, { service: 'secretsmanager' }>;

type Search = SearchOptions & { readonly room: Room };

/** Matches the values that ListSecrets accepts in a filter. Any other value is only compared with the entries of the list. */
const FILTERABLE = /^[a-zA-Z0-9 :_@/+=.-][a-zA-Z0-9 :_@/+=.!-]{0,511}$/;

/** Returns the values of all secrets with the prefix and the tags, by name. */
async function searchSecrets(search: SecretSearch, options: SearchOptions): Promise<Map<string, Secret>> {
  const limited = { ...options, room: createRoom(searchBytes) };
  const names = await listNames(search, limited);
  const found = new Map<string, Secret>();
  for (const some of chunks(names, prefetch.size)) {
    const values = await searchBatch(some, limited);
    if (values === 'denied') break;
    for (const [name, secret] of values) found.set(name, secret);
  }
  const rest = names.filter((name) => !found.has(name));
  for (const [name, secret] of await readEach(rest, limited)) found.set(name, secret);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Lists the names. AWS's filters only find candidates: they compare beginnings, and the key of a tag apart from its value. */
async function listNames({ prefix = '', tags = {}, regexp }: SecretSearch, options: Search): Promise<string[]> {
  const { ask, optional, room, remaining } = options;
  const wanted = Object.entries(tags);
  const [[key, value] = []] = wanted;
  const filters: Filter[] = (
    [
      ['name', prefix],
      ['tag-key', key],
      ['tag-value', value],
    ] as const
  ).flatMap(([Key, text]) => (text !== undefined && FILTERABLE.test(text) ? [{ Key, Values: [text] }] : []));
  const matches = (entry: SecretEntry) =>
    entry.DeletedDate === undefined &&
    entry.Name?.startsWith(prefix) === true &&
    (regexp === undefined || patternOf(regexp).matches(entry.Name)) &&
    wanted.every(([key, value]) => entry.Tags?.some((tag) => tag.Key === key && tag.Value === value));
  const about = { action: 'secretsmanager:ListSecrets', name: undefined };
  return listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const input = {
      MaxResults: PAGE_SIZE,
      ...(filters.length === 0 ? {} : { Filters: filters }),
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const { SecretList, NextToken } = await clients.ask('ListSecrets', input, REST + PAGE_SIZE * ENTRY_LIMIT);
    const items = SecretList.filter(matches).flatMap(({ Name }) => Name ?? []);
    return { items, bytes: items.reduce((sum, name) => sum + Buffer.byteLength(name), 0), next: NextToken };
  });
}

/** Returns the values that one batch gives. A secret that is missing in it is read alone later, and gets its own error then. */
async function searchBatch(names: string[], { ask, warn, room }: Search): Promise<Map<string, Secret> | 'denied'> {
  const values = await ask(
    async (clients) => {
      try {
        const found = await readBatch(clients, names);
        for (const secret of found.values()) room.take(secret.length);
        return found;
      } catch (error) {
        if (isDenied(error)) return 'denied';
        if (factsOf(error).name === 'AnswerTooLarge') return new Map<string, Secret>();
        throw error;
      }
    },
    { action: BATCH_ACTION, name: undefined },
  );
  if (values === 'denied') warn(`${BATCH_ACTION} on * is not allowed: the secrets are read one by one.`);
  return values;
}

/** Reads each secret with its own request. A secret that was deleted since it was listed is left out. */
async function readEach(names: readonly string[], options: Search): Promise<(readonly [string, Secret])[]> {
  const results = await Promise.allSettled(names.map((name) => readOne(name, options)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const [first] = errors;
  const areOfRegion = errors.every((error) => error instanceof RegionError);
  if (first !== undefined) throw areOfRegion && errors.length > 1 ? new AggregateError(errors) : first;
  return results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
}

async function readOne(name: string, { ask, room }: Search): Promise<readonly [string, Secret] | undefined> {
  return ask(
    async (clients) => {
      try {
        const output = await clients.ask('GetSecretValue', { SecretId: name }, VALUE_LIMIT);
        const value = requireValue(valueIn(clients, output));
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

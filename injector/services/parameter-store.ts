/** Reads parameters of Parameter Store: ten at a time by name, everything below a path, or everything with some tags. */
import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { jsonLimit, REST } from '../aws/answer.ts';
import type { Clients } from '../aws/clients.ts';
import { named, verdictOf } from '../aws/error.ts';
import type { Outputs } from '../aws/operations.ts';
import type { ConfigSearch } from '../contract/config.ts';
import { SERVICES } from '../contract/services.ts';
import { patternOf } from '../plan/patterns.ts';
import type { Secret } from '../secret.ts';
import { createRoom, listAll } from './pages.ts';
import { canonicalParameterName } from './parameter-name.ts';
import { type Answer, MissingError, requireValue, type SearchOptions, type Service, type Wanted } from './service.ts';

/** The most parameters of one page of GetParametersByPath (MaxResults). */
const PAGE_SIZE = 10;

/** The most parameters of one page of DescribeParameters (MaxResults). */
const DESCRIBED = 50;

/** The most parameters that GetParameters is asked for at once. */
const MOST_NAMES = 10;

/** The most bytes beside a value: its ARN and name have at most 2,048, and there are a few short members. */
const DESCRIPTION = 8 * 1024;

/** Matches names of parameters that stand for secrets of Secrets Manager, and whose values may be as large. */
const SECRET_REFERENCE = /(^|:parameter)\/aws\/reference\/secretsmanager\//;

/** Is the module of Parameter Store. */
export const parameterStore: Service = {
  read: readParameters,
  search: searchParameters,
};

const { ssm, secretsmanager } = SERVICES;

/** The most bytes of a page of descriptions: one has at most 1,024 characters, and the policies of a parameter have 4,096. */
const DESCRIBED_LIMIT = REST + DESCRIBED * 2 * DESCRIPTION;

/** The most bytes of a page of parameters below a path. */
const PAGE_LIMIT = REST + PAGE_SIZE * (jsonLimit(ssm.valueBytes) + DESCRIPTION);

/** Returns how many bytes an answer with the parameters of these names may have. */
export function answerLimit(names: readonly string[]): number {
  return names.reduce((sum, name) => {
    const { valueBytes } = SECRET_REFERENCE.test(name) ? secretsmanager : ssm;
    return sum + jsonLimit(valueBytes) + DESCRIPTION;
  }, REST);
}

/** Reads parameters by their names. */
function getParameters(clients: Clients, names: readonly string[]) {
  return clients.ask('GetParameters', { Names: [...names], WithDecryption: true }, answerLimit(names));
}

async function readParameters(clients: Clients, batch: readonly Wanted[]): Promise<Answer> {
  const output = await getParameters(clients, batch.map(requestName)).catch((error) => {
    throw batch.length > 1 && verdictOf(error) !== 'transient' ? named('BatchRefused', error) : error;
  });
  const { values, missing } = match(clients, batch, output.Parameters);
  if (missing.length === 0) return { values, missing: new Map() };
  // AWS lists the names that do not exist. A name that is in neither list was lost on the way.
  if (!missing.every((each) => output.InvalidParameters.includes(requestName(each)))) throw named('MalformedAnswer');
  const absent = new Map(missing.map(({ key }) => [key, named('MissingParameters')]));
  const name = missing.every(({ lenient }) => lenient) ? 'OptionalMissing' : 'MissingParameters';
  throw new MissingError(name, { values, missing: absent });
}

function requestName({ name, version, label }: Wanted): string {
  const selector = version ?? label;
  return selector === undefined ? name : `${name}:${selector}`;
}

function match(clients: Clients, batch: readonly Wanted[], parameters: Outputs['GetParameters']['Parameters']) {
  const found = new Map<string, Secret>();
  for (const { Name, ARN, Value, Version } of parameters) {
    const value = clients.valueIn(Value, Version);
    if (value === undefined) continue;
    for (const name of [Name, ARN]) if (name !== undefined) found.set(canonicalParameterName(name), value);
  }
  const values = new Map<string, Secret>();
  const missing: Wanted[] = [];
  for (const wanted of batch) {
    const value = found.get(canonicalParameterName(wanted.name));
    if (value === undefined) missing.push(wanted);
    else values.set(wanted.key, requireValue(value));
  }
  return { values, missing };
}

type PathSearch = Extract<ConfigSearch, { service: 'ssm' }>;

function searchParameters(search: PathSearch, options: SearchOptions): Promise<Map<string, Secret>> {
  const { tags } = search;
  return tags === undefined ? searchPath(search, options) : searchTags({ ...search, tags }, options);
}

/** Returns the values of all parameters below a path whose whole names match, by the name below the path. */
async function searchPath(
  { path, regexp }: PathSearch,
  { ask, optional, remaining }: SearchOptions,
): Promise<Map<string, Secret>> {
  const top = withoutLastSlash(path);
  const about = { action: 'ssm:GetParametersByPath', name: top };
  const room = createRoom(SERVICES.ssm.searchBytes);
  const found = await listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const input = {
      Path: top,
      Recursive: true,
      WithDecryption: true,
      MaxResults: PAGE_SIZE,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const { Parameters, NextToken } = await clients.ask('GetParametersByPath', input, PAGE_LIMIT);
    const items = Parameters.filter(({ Name = '' }) => isNamed(Name, regexp)).map(({ Name, Value, Version }) => {
      const [key, value] = [Name === undefined ? undefined : keyBelow(top, Name), clients.valueIn(Value, Version)];
      if (key === undefined || value === undefined) throw named('MalformedAnswer');
      return [key, value] as const;
    });
    const bytes = items.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
    return { items, bytes, next: NextToken };
  });
  return new Map(found);
}

type TagSearch = PathSearch & { readonly tags: NonNullable<PathSearch['tags']> };

/**
 * Returns the values of all parameters that have all tags, and whose whole names match, by their whole names. Those that are gone
 * before they are read are left out.
 */
async function searchTags(
  { path, tags, regexp }: TagSearch,
  { ask, optional, remaining }: SearchOptions,
): Promise<Map<string, Secret>> {
  const top = withoutLastSlash(path);
  const filters: ParameterStringFilter[] = [
    ...Object.entries(tags).map(([key, value]) => ({ Key: `tag:${key}`, Option: 'Equals', Values: [value] })),
    ...(top === '/' ? [] : [{ Key: 'Path', Option: 'Recursive', Values: [top] }]),
  ];
  const room = createRoom(SERVICES.ssm.searchBytes);
  const about = { action: 'ssm:DescribeParameters', name: top };
  const names = await listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const input = {
      ParameterFilters: filters,
      MaxResults: DESCRIBED,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const { Parameters, NextToken } = await clients.ask('DescribeParameters', input, DESCRIBED_LIMIT);
    const items = Parameters.map(({ Name }) => Name ?? '').filter((name) => isNamed(name, regexp));
    if (items.includes('')) throw named('MalformedAnswer');
    return { items, bytes: Buffer.byteLength(items.join('')), next: NextToken };
  });
  const found = new Map<string, Secret>();
  for (let first = 0; first < names.length; first += MOST_NAMES) {
    const some = names.slice(first, first + MOST_NAMES);
    const read = async (clients: Clients) => {
      const { Parameters } = await getParameters(clients, some);
      return Parameters.map(({ Name, Value, Version }) => {
        const value = clients.valueIn(Value, Version);
        if (Name === undefined || value === undefined) throw named('MalformedAnswer');
        return [Name, value] as const;
      });
    };
    for (const [name, value] of await ask(read, { action: 'ssm:GetParameters', name: top })) {
      room.take(value.length);
      found.set(name, value);
    }
  }
  return found;
}

/** AWS accepts the path without its last slash, and IAM policies are written for that form. */
function withoutLastSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

function isNamed(name: string, regexp: string | undefined): boolean {
  return regexp === undefined || patternOf(regexp).matches(name);
}

/** Returns the name below the path, or undefined if the parameter is elsewhere. */
function keyBelow(top: string, name: string): string | undefined {
  if (top === '/') return name.replace(/^\//, '');
  return name.startsWith(`${top}/`) ? name.slice(top.length + 1) : undefined;
}

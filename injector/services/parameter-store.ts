/** Reads parameters of Parameter Store: ten at a time by name, or everything below a path. */
import { jsonLimit, REST } from '../aws/answer.ts';
import type { Clients } from '../aws/clients.ts';
import { named, verdictOf } from '../aws/error.ts';
import { type Fields, listOf, textOf } from '../aws/protocol.ts';
import type { ConfigSearch } from '../contract/config.ts';
import { SERVICES } from '../contract/services.ts';
import type { Secret } from '../secret.ts';
import { createRoom, listAll } from './pages.ts';
import { canonicalParameterName } from './parameter-name.ts';
import { type Answer, MissingError, requireValue, type SearchOptions, type Service, type Wanted } from './service.ts';

/** The most parameters of one page of GetParametersByPath (MaxResults). */
const PAGE_SIZE = 10;

/** The most bytes beside a value: its ARN and name have at most 2,048, and there are a few short members. */
const DESCRIPTION = 8 * 1024;

/** Matches names of parameters that stand for secrets of Secrets Manager, and whose values may be as large. */
const SECRET_REFERENCE = /(^|:parameter)\/aws\/reference\/secretsmanager\//;

/** Is the module of Parameter Store. */
export const parameterStore: Service = {
  connect: (clients, requests) => clients.connect('ssm', requests),
  read: readParameters,
  search: searchPath,
};

/** Has the most bytes of a page of GetParametersByPath. */
const PAGE_LIMIT = REST + PAGE_SIZE * (jsonLimit(SERVICES.ssm.valueBytes) + DESCRIPTION);

/** Returns how many bytes the answer to GetParameters with these names may have. */
export function answerLimit(names: readonly string[]): number {
  return names.reduce((sum, name) => {
    const { valueBytes } = SECRET_REFERENCE.test(name) ? SERVICES.secretsmanager : SERVICES.ssm;
    return sum + jsonLimit(valueBytes) + DESCRIPTION;
  }, REST);
}

async function readParameters(clients: Clients, batch: readonly Wanted[]): Promise<Answer> {
  const Names = batch.map(requestName);
  const input = { Names, WithDecryption: true };
  const call = { service: 'ssm', operation: 'GetParameters', input, limit: answerLimit(Names) } as const;
  const { Parameters, InvalidParameters } = await clients.send(call).catch((error) => {
    throw batch.length > 1 && verdictOf(error) !== 'transient' ? named('BatchRefused', error) : error;
  });
  const { values, missing } = match(clients, batch, listOf(Parameters));
  if (missing.length === 0) return { values, missing: new Map() };
  // AWS lists the names that do not exist. A name that is in neither list was lost on the way.
  const invalid = new Set<unknown>(Array.isArray(InvalidParameters) ? InvalidParameters : []);
  if (!missing.every((each) => invalid.has(requestName(each)))) throw named('MalformedAnswer');
  const absent = new Map(missing.map(({ key }) => [key, named('MissingParameters')]));
  const name = missing.every(({ lenient }) => lenient) ? 'OptionalMissing' : 'MissingParameters';
  throw new MissingError(name, { values, missing: absent });
}

function requestName({ name, version, label }: Wanted): string {
  const selector = version ?? label;
  return selector === undefined ? name : `${name}:${selector}`;
}

function match(clients: Clients, batch: readonly Wanted[], parameters: readonly Fields[]) {
  const found = new Map<string, Secret>();
  for (const { Name, ARN, Value, Version } of parameters) {
    const value = clients.valueIn(Value, Version);
    if (value === undefined) continue;
    for (const name of [textOf(Name), textOf(ARN)]) {
      if (name !== undefined) found.set(canonicalParameterName(name), value);
    }
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

/** Returns the values of all parameters below a path, by the name below it. */
async function searchPath(
  { path }: Extract<ConfigSearch, { service: 'ssm' }>,
  { ask, optional, remaining }: SearchOptions,
): Promise<Map<string, Secret>> {
  // AWS accepts the path without its last slash, and IAM policies are written for that form.
  const top = path.replace(/(?<=.)\/+$/, '');
  const about = { action: 'ssm:GetParametersByPath', name: top };
  const room = createRoom(SERVICES.ssm.searchBytes);
  const found = await listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const input = { Path: top, Recursive: true, WithDecryption: true, MaxResults: PAGE_SIZE, NextToken: token };
    const call = { service: 'ssm', operation: 'GetParametersByPath', input, limit: PAGE_LIMIT } as const;
    const { Parameters, NextToken } = await clients.send(call);
    const items = listOf(Parameters).map(({ Name, Value, Version }) => {
      const [name, value] = [textOf(Name), clients.valueIn(Value, Version)];
      const key = name === undefined ? undefined : keyBelow(top, name);
      if (key === undefined || value === undefined) throw named('MalformedAnswer');
      return [key, value] as const;
    });
    const bytes = items.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
    return { items, bytes, next: NextToken };
  });
  return new Map(found);
}

/** Returns the name below the path, or undefined if the parameter is elsewhere. */
function keyBelow(top: string, name: string): string | undefined {
  if (top === '/') return name.replace(/^\//, '');
  return name.startsWith(`${top}/`) ? name.slice(top.length + 1) : undefined;
}

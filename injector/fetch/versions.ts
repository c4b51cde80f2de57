/** Says in log lines what was read: from which region, in which version, and with how many requests. A version is no secret. */
import type { InjectorConfig } from '../contract/config.ts';
import { foundName, sourceKey } from '../contract/source.ts';
import { oneLine } from '../contract/text.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import type { Fetched } from './results.ts';

/** The most characters of all versions in one line. About sixty objects have as many. */
const VERSIONS_LIMIT = 4096;

/** The most characters of one name and of one version. AWS allows 2,048 and 64. */
const NAME_LIMIT = 512;
const VERSION_LIMIT = 64;

type Objects = Pick<Fetched, 'values' | 'found'>;

/** Logs each object that AWS was asked for at the level debug. What a search found has no number of requests of its own. */
export function logObjects(config: InjectorConfig, fetched: Fetched, log: Log): void {
  const { requests } = fetched;
  for (const [key, name] of namesOf(config)) {
    const asked = requests.get(key);
    if (asked !== undefined) log('debug', ...describeObject(name, fetched.values.get(key), asked));
  }
  for (const [name, secret] of foundIn(config, fetched)) log('debug', ...describeObject(name, secret));
}

function describeObject(name: string, secret: Secret | undefined, requests = {}) {
  const { region, version } = secret?.origin ?? {};
  const object = oneLine(name, NAME_LIMIT);
  const message = secret === undefined ? `${object} was not read.` : `${object} was read.`;
  return [message, { object, region, version: shortVersion(version), ...requests }] as const;
}

/**
 * Returns the version of each object, as in `shop/db 0f3c…, /shop/key 3`: the id of a secret's version, or the number of a
 * parameter's. Those that would make the line too long are only counted.
 */
export function versionsOf(config: InjectorConfig, objects: Objects): string {
  const named = [...namesOf(config)].flatMap(([key, name]): [string, Secret][] => {
    const secret = objects.values.get(key);
    return secret === undefined ? [] : [[name, secret]];
  });
  const all = [...named, ...foundIn(config, objects)];
  let text = '';
  for (const [index, [name, { origin }]] of all.entries()) {
    const next = `${index === 0 ? '' : ', '}${oneLine(name, NAME_LIMIT)} ${shortVersion(origin?.version) ?? '?'}`;
    if (text.length + next.length > VERSIONS_LIMIT) return `${text}, … ${all.length - index} more`;
    text += next;
  }
  return text;
}

function namesOf({ objects }: InjectorConfig): ReadonlyMap<string, string> {
  return new Map(objects.map((object) => [sourceKey(object), object.name]));
}

function foundIn({ searches = [] }: InjectorConfig, { found }: Pick<Objects, 'found'>): [string, Secret][] {
  return searches.flatMap((search, index) =>
    [...(found.get(index) ?? [])].map(([key, secret]): [string, Secret] => [foundName(search, key), secret]),
  );
}

function shortVersion(version: string | undefined): string | undefined {
  return version === undefined ? undefined : oneLine(version, VERSION_LIMIT);
}

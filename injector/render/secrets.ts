/** Renders the data of the Kubernetes Secrets that the injector makes, in the form that the type of each Secret asks for. */
import type { ConfigObject, InjectorConfig } from '../contract/config.ts';
import { parseJson } from '../contract/json.ts';
import { referenceTo, sourceKey } from '../contract/source.ts';
import { JSON_TYPES, TLS } from '../contract/sync.ts';
import type { MadeSecret } from '../contract/sync-schema.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { WantedSecret } from '../sync/apply.ts';
import { certificatesIn, keyIn } from './certificate.ts';
import { extractValue } from './extract.ts';

export type RenderedSecrets = { readonly secrets: readonly WantedSecret[]; readonly failures: readonly Failure[] };

/** Returns the Secrets that the configuration declares. A Secret of which a value is missing has a failure, or had one before. */
export function renderSecrets(
  { objects, sync }: Pick<InjectorConfig, 'objects' | 'sync'>,
  values: ReadonlyMap<string, Secret>,
): RenderedSecrets {
  const failures: Failure[] = [];
  const secrets = (sync?.secrets ?? []).map(({ data, ...secret }) => {
    const rendered = new Map<string, Secret>();
    for (const entry of data) {
      const source = objects[entry.object];
      const value = source && values.get(sourceKey(source));
      const part = value && renderKey(secret, entry, source, value);
      if (part instanceof Secret) rendered.set(entry.key, part);
      else if (part !== undefined) failures.push(part);
    }
    return { ...secret, data: rendered };
  });
  return { secrets, failures };
}

type Named = Pick<MadeSecret, 'name' | 'type'>;

/** Returns what the key of the Secret gets of its object; undefined if the object may be missing, and is. */
function renderKey(
  secret: Named,
  { key, jmesPath }: MadeSecret['data'][number],
  object: ConfigObject,
  value: Secret,
): Secret | Failure | undefined {
  const output = `the key ${key} of the Secret ${secret.name}`;
  const target = { object: object.name, alias: key, output, reference: referenceTo(object) };
  const extracted = extractValue(value, { jmesPath }, target);
  if (extracted.kind !== 'value') return extracted.kind === 'failed' ? extracted.failure : undefined;
  const part = fitting(extracted.value, key, secret);
  return part instanceof Secret ? part : unfit(secret, key, `${object.name}: ${part}`);
}

/** Returns the value in the form that the type of the Secret asks for, or why it has none. */
function fitting(value: Secret, key: string, { type }: Named): Secret | string {
  if (JSON_TYPES.has(type)) return parseJson(value.reveal()) === undefined ? 'It is not JSON.' : value;
  if (type !== TLS) return value;
  const part = key === 'tls.key' ? keyIn(value.reveal()) : certificatesIn(value.reveal());
  return part.ok ? new Secret(part.pem) : part.cause;
}

function unfit({ name, type }: Named, key: string, cause: string): Failure {
  const headline = `The Secret "${name}" of type ${type} was not made: nothing fits its key ${key}.`;
  return { code: 'ASI_SYNC_VALUE', subject: `Secret ${name}`, headline, cause };
}

/** Reads an ExternalSecret (v1, v1beta1) into the Secret that the operator makes. */
import * as z from 'zod';
import type { FilterName } from '../../injector/contract/filters.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { parseGoTemplate } from './go-template.ts';
import { jmesPathOf } from './property.ts';
import { secretNameOf } from './references.ts';
import { problemsIn, withoutNull } from './schema.ts';
import { type Access, type MadeSecret, type Production, valueAt } from './secret.ts';
import { STORE_KINDS, type Store, type StoreKind } from './store.ts';
import type { Piece, Value } from './value.ts';

/** Returns the store that an ExternalSecret names. The problem is a whole clause. */
export type FindStore = (kind: StoreKind, name: string) => Result<Store>;

const storeRef = z.strictObject({ name: z.string().min(1), kind: z.enum(STORE_KINDS).default('SecretStore') });
const sourceRef = z.strictObject({ storeRef: storeRef.optional() }).optional();

const DECODING = ['None', 'Base64', 'Base64URL', 'Auto'] as const;

/** The filter of each strategy. */
const DECODERS: Readonly<Partial<Record<string, FilterName>>> = {
  Base64: 'base64decode',
  Base64URL: 'base64urldecode',
  Auto: 'base64auto',
};

const remoteRef = z.strictObject({
  key: z.string().min(1),
  property: z.string().optional(),
  version: z.string().optional(),
  conversionStrategy: z.literal('Default').optional(),
  decodingStrategy: z.enum(DECODING).optional(),
  metadataPolicy: z.literal('None').optional(),
  nullBytePolicy: z.string().optional(),
});

const template = z.strictObject({
  engineVersion: z.literal('v2').optional(),
  type: z.string().optional(),
  metadata: z.unknown().optional(),
  mergePolicy: z.enum(['Replace', 'Merge']).default('Replace'),
  data: z.record(z.string(), z.string()).optional(),
});

const ONCE = 'reads AWS once, while a pod reads what AWS has when it starts';

const schema = z.strictObject({
  secretStoreRef: storeRef.optional(),
  refreshInterval: z
    .union([z.string(), z.number()])
    .refine((text) => /[1-9]/.test(String(text)), ONCE)
    .optional(),
  refreshPolicy: z.literal('Periodic').optional(),
  target: z
    .strictObject({
      name: z.string().min(1).optional(),
      creationPolicy: z.enum(['Owner', 'Orphan']).optional(),
      deletionPolicy: z.string().optional(),
      immutable: z.boolean().optional(),
      template: template.optional(),
    })
    .optional(),
  data: z.array(z.strictObject({ secretKey: z.string().min(1), remoteRef, sourceRef })).default([]),
  dataFrom: z.array(z.strictObject({ extract: remoteRef, sourceRef })).default([]),
});

type Spec = z.infer<typeof schema>;
type StoreRef = z.infer<typeof storeRef>;
type Content = Pick<MadeSecret, 'keys' | 'extracts'>;
type Reading = { readonly piece: Piece; readonly access: Access };

/** Returns the Secret that an ExternalSecret of this name and spec makes, or why nothing can be declared for it. */
export function readExternalSecret(ownName: string, raw: unknown, findStore: FindStore): Production {
  const name = secretNameOf(ownName, raw);
  const spec = withoutNull(raw);
  const parsed = schema.safeParse(spec);
  if (!parsed.success) return { ok: false, name, reason: `${problemsIn(parsed.error, spec)}.` };
  const content = readContent(parsed.data, findStore);
  return content.ok
    ? { ok: true, secret: { name, ...content.value } }
    : { ok: false, name, reason: `${content.problem}.` };
}

/** Returns how often the operator reads AWS again by this spec, as it is written; undefined if the spec does not say it. */
export function refreshInterval(raw: unknown): string | undefined {
  const named = z.object({ refreshInterval: z.string() }).safeParse(raw);
  return named.success ? named.data.refreshInterval : undefined;
}

function readContent(spec: Spec, findStore: FindStore): Result<Content & { readonly access: Access }> {
  const keys = new Map<string, Value>();
  const extracts: Piece[] = [];
  const accesses = new Map<string, Access>();
  for (const { extract, sourceRef: from } of spec.dataFrom) {
    const read = readRemote(extract, from?.storeRef ?? spec.secretStoreRef, findStore);
    if (!read.ok) return read;
    extracts.push(read.value.piece);
    accesses.set(JSON.stringify(read.value.access), read.value.access);
  }
  for (const { secretKey, remoteRef: remote, sourceRef: from } of spec.data) {
    const read = readRemote(remote, from?.storeRef ?? spec.secretStoreRef, findStore);
    if (!read.ok) return read;
    keys.set(secretKey, [read.value.piece]);
    accesses.set(JSON.stringify(read.value.access), read.value.access);
  }
  const [access, ...others] = accesses.values();
  if (access === undefined) return err('spec names nothing to read');
  if (others.length > 0)
    return err('its stores read from several regions or by several roles, and a pod has one of each');
  const made = fillTemplate(spec, { keys, extracts });
  return made.ok ? ok({ ...made.value, access }) : made;
}

function readRemote(
  { key, property, version, decodingStrategy }: z.infer<typeof remoteRef>,
  reference: StoreRef | undefined,
  findStore: FindStore,
): Result<Reading> {
  if (reference === undefined) return err(`no store is named for ${key}`);
  const store = findStore(reference.kind, reference.name);
  if (!store.ok) return store;
  const { service, prefix, access } = store.value;
  const path = property === undefined || property === '' ? ok(undefined) : jmesPathOf(property);
  if (!path.ok) return err(`the property of ${key} ${path.problem}`);
  const decoder = DECODERS[decodingStrategy ?? 'None'];
  const piece = {
    source: { service, name: prefix + key, ...versionOf(service, version) },
    ...(path.value !== undefined && { jmesPath: path.value }),
    ...(decoder !== undefined && { filters: [decoder] }),
  };
  return ok({ piece, access });
}

/** https://external-secrets.io/latest/provider/aws-secrets-manager: a version is a stage, unless it begins with `uuid/`. */
function versionOf(service: Store['service'], text = ''): { readonly version?: string; readonly label?: string } {
  if (text === '') return {};
  if (service === 'ssm') return /^\d+$/.test(text) ? { version: text } : { label: text };
  return text.startsWith('uuid/') ? { version: text.slice('uuid/'.length) } : { label: text };
}

/** Returns the content of the Secret: without a template, or if that merges, what was read; else only what the template has. */
function fillTemplate({ target }: Spec, fetched: Content): Result<Content> {
  const { data, mergePolicy } = target?.template ?? {};
  if (data === undefined) return ok(fetched);
  const keys = new Map<string, Value>(mergePolicy === 'Merge' ? fetched.keys : []);
  for (const [key, text] of Object.entries(data)) {
    const value = fill(text, fetched);
    if (!value.ok) return err(`spec.target.template.data.${key} ${value.problem}`);
    keys.set(key, value.value);
  }
  return ok({ keys, extracts: mergePolicy === 'Merge' ? fetched.extracts : [] });
}

function fill(text: string, fetched: Content): Result<Value> {
  const parsed = parseGoTemplate(text);
  if (!parsed.ok) return parsed;
  const parts: (string | Piece)[] = [];
  for (const part of parsed.value) {
    if (typeof part === 'string') {
      parts.push(part);
      continue;
    }
    const value = valueAt(fetched, part.key);
    if (!value.ok) return err(`names the key ${part.key}, which ${value.problem}`);
    for (const one of value.value) {
      parts.push(typeof one === 'string' ? one : { ...one, filters: [...(one.filters ?? []), ...part.filters] });
    }
  }
  return ok(parts);
}

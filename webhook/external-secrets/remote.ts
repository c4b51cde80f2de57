/** Reads the references of an ExternalSecret to an object of AWS, and to the store that says how it is reached. */
import * as v from 'valibot';
import type { FilterName } from '../../injector/contract/filters.ts';
import { CONVERSIONS } from '../../injector/contract/rename.ts';
import { strict } from '../../injector/contract/strict.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { jmesPathOf } from './property.ts';
import { text } from './schema.ts';
import type { Access } from './secret.ts';
import { STORE_KINDS, type Store, type StoreKind } from './store.ts';
import type { Piece } from './value.ts';

/** Returns the store that an ExternalSecret names. The problem is a whole clause. */
export type FindStore = (kind: StoreKind, name: string) => Result<Store>;

/** Reads the name of a store. */
export const storeRef = strict({ name: text, kind: v.optional(v.picklist(STORE_KINDS), 'SecretStore') });

/** Reads the store of one entry. */
export const sourceRef = v.optional(strict({ storeRef: v.optional(storeRef) }));

/** Reads how values are encoded. */
export const decodingStrategy = v.optional(v.picklist(['None', 'Base64', 'Base64URL', 'Auto']));

/** The filter of each strategy. */
const DECODERS: Readonly<Partial<Record<string, FilterName>>> = {
  Base64: 'base64decode',
  Base64URL: 'base64urldecode',
  Auto: 'base64auto',
};

/** Reads how characters are replaced that no key may have. */
export const conversionStrategy = v.optional(v.picklist(CONVERSIONS));

/** Reads the reference to an object, or to a part of it. */
export const remoteRef = strict({
  key: text,
  property: v.optional(v.string()),
  version: v.optional(v.string()),
  conversionStrategy,
  decodingStrategy,
  metadataPolicy: v.optional(v.literal('None')),
  nullBytePolicy: v.optional(v.string()),
});

export type StoreRef = v.InferOutput<typeof storeRef>;
type Reading = { readonly piece: Piece; readonly access: Access };

/** Returns the store of a reference. The problem is a whole clause, which says that `what` has none. */
export function storeOf(reference: StoreRef | undefined, what: string, findStore: FindStore): Result<Store> {
  return reference === undefined ? err(`no store is named for ${what}`) : findStore(reference.kind, reference.name);
}

/** Returns the object of AWS, or the part of it, that a reference names. The problem is a whole clause. */
export function readRemote(
  { key, property, version, decodingStrategy: strategy }: v.InferOutput<typeof remoteRef>,
  reference: StoreRef | undefined,
  findStore: FindStore,
): Result<Reading> {
  const store = storeOf(reference, key, findStore);
  if (!store.ok) return store;
  const { service, prefix, access } = store.value;
  const path = property === undefined || property === '' ? ok(undefined) : jmesPathOf(property);
  if (!path.ok) return err(`the property of ${key} ${path.problem}`);
  const decoder = DECODERS[strategy ?? 'None'];
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

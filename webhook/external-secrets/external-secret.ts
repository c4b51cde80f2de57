/** Reads an ExternalSecret (v1, v1beta1) into the Secret that the operator makes. */
import * as v from 'valibot';
import { strict } from '../../injector/contract/strict.ts';
import { texts } from '../../injector/contract/texts.ts';
import { createPatternCheck } from '../declare/patterns.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { dataFrom, readDataFrom } from './data-from.ts';
import { type Field, parseGoTemplate } from './go-template.ts';
import { secretNameOf } from './references.ts';
import { type FindStore, readRemote, remoteRef, sourceRef, storeRef } from './remote.ts';
import { problemsIn, text, withoutNull } from './schema.ts';
import { type Access, type Extract, type MadeSecret, type Production, valueAt } from './secret.ts';
import type { Piece, Value } from './value.ts';

const template = strict({
  engineVersion: v.optional(v.literal('v2')),
  type: v.optional(v.string()),
  metadata: v.optional(v.unknown()),
  mergePolicy: v.optional(v.picklist(['Replace', 'Merge']), 'Replace'),
  data: v.optional(texts),
});

const ONCE = 'reads AWS once, while a pod reads what AWS has when it starts';

const schema = strict({
  secretStoreRef: v.optional(storeRef),
  refreshInterval: v.optional(
    v.pipe(
      v.union([v.string(), v.custom<number>(Number.isFinite)]),
      v.check((interval) => /[1-9]/.test(String(interval)), ONCE),
    ),
  ),
  refreshPolicy: v.optional(v.literal('Periodic')),
  target: v.optional(
    strict({
      name: v.optional(text),
      creationPolicy: v.optional(v.picklist(['Owner', 'Orphan'])),
      deletionPolicy: v.optional(v.string()),
      immutable: v.optional(v.boolean()),
      template: v.optional(template),
    }),
  ),
  data: v.optional(v.array(strict({ secretKey: text, remoteRef, sourceRef })), []),
  dataFrom,
});

type Spec = v.InferOutput<typeof schema>;
type Content = Pick<MadeSecret, 'keys' | 'extracts'>;

/** Returns the Secret that an ExternalSecret of this name and spec makes, or why nothing can be declared for it. */
export function readExternalSecret(ownName: string, raw: unknown, findStore: FindStore): Production {
  const name = secretNameOf(ownName, raw);
  const spec = withoutNull(raw);
  const parsed = v.safeParse(schema, spec);
  if (!parsed.success) return { ok: false, name, reason: `${problemsIn(parsed.issues)}.` };
  const content = readContent(parsed.output, findStore);
  return content.ok
    ? { ok: true, secret: { name, ...content.value } }
    : { ok: false, name, reason: `${content.problem}.` };
}

/** Returns how often the operator reads AWS again by this spec, as it is written; undefined if the spec does not say it. */
export function refreshInterval(raw: unknown): string | undefined {
  const named = v.safeParse(v.object({ refreshInterval: v.string() }), raw);
  return named.success ? named.output.refreshInterval : undefined;
}

function readContent(spec: Spec, findStore: FindStore): Result<Content & { readonly access: Access }> {
  const keys = new Map<string, Value>();
  const extracts: Extract[] = [];
  const check = createPatternCheck();
  const accesses = new Map<string, Access>();
  for (const [index, from] of spec.dataFrom.entries()) {
    const read = readDataFrom(from, { check, at: `spec.dataFrom[${index}]`, fallback: spec.secretStoreRef, findStore });
    if (!read.ok) return read;
    extracts.push(read.value.extract);
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
    const value = typeof part === 'string' ? ok([part]) : fieldOf(part, fetched);
    if (!value.ok) return value;
    parts.push(...value.value);
  }
  return ok(parts);
}

function fieldOf({ key, filters }: Field, fetched: Content): Result<Value> {
  const value = valueAt(fetched, key);
  if (!value.ok) return err(`names the key ${key}, which ${value.problem}`);
  const isPicked = value.value.some((one) => typeof one !== 'string' && one.pick !== undefined);
  if (isPicked) return err(`names the key ${key}, which is renamed; name it in spec.data`);
  return ok(
    value.value.map((one) =>
      typeof one === 'string' ? one : { ...one, filters: [...(one.filters ?? []), ...filters] },
    ),
  );
}

/** Reads an ExternalSecret (v1, v1beta1) into the Secret that the operator makes. */
import * as z from 'zod';
import { createPatternCheck } from '../declare/patterns.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { dataFrom, readDataFrom } from './data-from.ts';
import { type Field, parseGoTemplate } from './go-template.ts';
import { secretNameOf } from './references.ts';
import { type FindStore, readRemote, remoteRef, sourceRef, storeRef } from './remote.ts';
import { problemsIn, withoutNull } from './schema.ts';
import { type Access, type Extract, type MadeSecret, type Production, valueAt } from './secret.ts';
import type { Piece, Value } from './value.ts';

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
  dataFrom,
});

type Spec = z.infer<typeof schema>;
type Content = Pick<MadeSecret, 'keys' | 'extracts'>;

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

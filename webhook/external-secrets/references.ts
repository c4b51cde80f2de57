/** Finds the Secrets that pods refer to, and the stores and Secrets that ExternalSecrets name, whatever else their specs have. */
import * as v from 'valibot';
import type { Pod } from '../pod/pod.ts';
import { text, withoutNull } from './schema.ts';
import { STORE_KINDS, type StoreKind } from './store.ts';

/** Returns the names of the Secrets that variables and volumes of the pod refer to, each once. */
export function secretsIn({ spec }: Pod): string[] {
  const names = new Set<string | null | undefined>();
  for (const { env, envFrom } of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { valueFrom } of env ?? []) names.add(valueFrom?.secretKeyRef?.name);
    for (const { secretRef } of envFrom ?? []) names.add(secretRef?.name);
  }
  for (const { secret, projected } of spec.volumes ?? []) {
    names.add(secret?.secretName);
    for (const source of projected?.sources ?? []) names.add(source.secret?.name);
  }
  return [...names].flatMap((name) => name || []);
}

const named = v.object({ target: v.object({ name: text }) });

/** Returns the name of the Secret that an ExternalSecret makes, even if something else in its spec is wrong. */
export function secretNameOf(ownName: string, spec: unknown): string {
  const parsed = v.safeParse(named, spec);
  return parsed.success ? parsed.output.target.name : ownName;
}

const policy = v.object({ target: v.object({ creationPolicy: v.literal('None') }) });

/** Returns whether an ExternalSecret of this spec makes no Secret, so that nobody waits for it. */
export function makesNothing(spec: unknown): boolean {
  return v.is(policy, spec);
}

const storeRef = v.fallback(
  v.optional(v.object({ name: text, kind: v.optional(v.picklist(STORE_KINDS), 'SecretStore') })),
  undefined,
);
const sourceRef = v.fallback(v.optional(v.object({ storeRef })), undefined);
const entries = v.fallback(v.array(v.object({ sourceRef })), []);
const stores = v.object({ secretStoreRef: storeRef, data: entries, dataFrom: entries });

/** Returns the stores that an ExternalSecret of this spec names, each once, also if something else in the spec is wrong. */
export function storesOf(spec: unknown): readonly { readonly name: string; readonly kind: StoreKind }[] {
  const parsed = v.safeParse(stores, withoutNull(spec));
  if (!parsed.success) return [];
  const { secretStoreRef, data, dataFrom } = parsed.output;
  const all = [secretStoreRef, ...[...data, ...dataFrom].map(({ sourceRef }) => sourceRef?.storeRef)];
  const refs = all.filter((one) => one !== undefined);
  return [...new Map(refs.map((ref) => [`${ref.kind} ${ref.name}`, ref])).values()];
}

/** Finds the Secrets that pods refer to, and the stores and Secrets that ExternalSecrets name, whatever else their specs have. */
import * as z from 'zod';
import type { Pod } from '../pod/pod.ts';
import { withoutNull } from './schema.ts';
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

const named = z.object({ target: z.object({ name: z.string().min(1) }) });

/** Returns the name of the Secret that an ExternalSecret makes, even if something else in its spec is wrong. */
export function secretNameOf(ownName: string, spec: unknown): string {
  const parsed = named.safeParse(spec);
  return parsed.success ? parsed.data.target.name : ownName;
}

const policy = z.object({ target: z.object({ creationPolicy: z.literal('None') }) });

/** Returns whether an ExternalSecret of this spec makes no Secret, so that nobody waits for it. */
export function makesNothing(spec: unknown): boolean {
  return policy.safeParse(spec).success;
}

const storeRef = z.object({ name: z.string().min(1), kind: z.enum(STORE_KINDS).default('SecretStore') });
const entries = z
  .array(
    z.object({
      sourceRef: z
        .object({ storeRef: storeRef.optional().catch(undefined) })
        .optional()
        .catch(undefined),
    }),
  )
  .catch([]);
const stores = z.object({ secretStoreRef: storeRef.optional().catch(undefined), data: entries, dataFrom: entries });

/** Returns the stores that an ExternalSecret of this spec names, each once, also if something else in the spec is wrong. */
export function storesOf(spec: unknown): readonly { readonly name: string; readonly kind: StoreKind }[] {
  const parsed = stores.safeParse(withoutNull(spec));
  if (!parsed.success) return [];
  const { secretStoreRef, data, dataFrom } = parsed.data;
  const all = [secretStoreRef, ...[...data, ...dataFrom].map(({ sourceRef }) => sourceRef?.storeRef)];
  const refs = all.filter((one) => one !== undefined);
  return [...new Map(refs.map((ref) => [`${ref.kind} ${ref.name}`, ref])).values()];
}

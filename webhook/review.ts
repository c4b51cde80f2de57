/** The envelope: an AdmissionReview v1 in, an AdmissionReview v1 out. Knows nothing of secrets. */
import * as z from 'zod';
import { echo } from './declare/echo.ts';
import { REFUSALS, type Refusal } from './errors.ts';
import type { PatchOperation } from './patch.ts';
import { asPod, type Pod } from './pod.ts';

const envelope = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1),
    kind: z.looseObject({ group: z.literal(''), version: z.literal('v1'), kind: z.string() }),
    namespace: z.string().min(1),
    operation: z.string(),
    subResource: z.string().nullish(),
    object: z.unknown(),
  }),
});

export type Request = { readonly uid: string; readonly namespace: string } & (
  | { readonly kind: 'creation'; readonly pod: Pod }
  /** An update, a deletion, or a subresource such as `ephemeralcontainers`. */
  | { readonly kind: 'other' }
);

export type Review = {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly message: string };
    readonly warnings?: readonly string[];
    readonly patchType?: 'JSONPatch';
    readonly patch?: string;
  };
};

/** Beyond this many, further refusals are only counted: an event holds 1024 bytes. */
const SHOWN = 10;

/** The API server cuts longer warnings, and shows 4096 characters in all. */
const WARNING_LENGTH = 120;

/** Reads the request out of a review, or says why there is none to answer: an HTTP 400. */
export function parseReview(body: unknown): { ok: true; request: Request } | { ok: false; problem: string } {
  const result = envelope.safeParse(body);
  if (!result.success) return { ok: false, problem: `not an AdmissionReview v1: ${z.prettifyError(result.error)}` };
  const { uid, kind, namespace, operation, subResource, object } = result.data.request;
  if (kind.kind !== 'Pod') return { ok: false, problem: `only pods are admitted here, not a ${echo(kind.kind)}` };
  if (operation !== 'CREATE' || subResource) return { ok: true, request: { kind: 'other', uid, namespace } };
  const read = asPod(object);
  if (!read.ok) return { ok: false, problem: `not a pod: ${read.problem}` };
  return { ok: true, request: { kind: 'creation', uid, namespace, pod: read.pod } };
}

export function allowed(uid: string): Review {
  return answer({ uid, allowed: true });
}

export function patched(uid: string, patch: readonly PatchOperation[], warnings: readonly string[]): Review {
  return answer({
    uid,
    allowed: true,
    ...(warnings.length > 0 && { warnings: warnings.map(presentable) }),
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
  });
}

/** All refusals at once, each with its code. */
export function denied(uid: string, refusals: readonly Refusal[]): Review {
  const shown = refusals.slice(0, SHOWN).map(({ code, message }) => `${code}: ${message}`);
  if (refusals.length > SHOWN) shown.push(`And ${refusals.length - SHOWN} more.`);
  const { code } = refusals[0] ?? { code: 'ASI_ADMIT_INTERNAL' };
  return answer({
    uid,
    allowed: false,
    status: { code: REFUSALS[code].status, message: shown.join(' ') },
  });
}

function answer(response: Review['response']): Review {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function presentable(warning: string): string {
  return warning.replaceAll(/\p{Cc}/gu, ' ').slice(0, WARNING_LENGTH);
}

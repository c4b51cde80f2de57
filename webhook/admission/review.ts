/**
 * Reads and writes AdmissionReviews v1. Nothing here knows about secrets.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response
 */
import { echo } from '../declare/echo.ts';
import { type Refusal, statusOf } from '../errors.ts';
import { asPod, hasNoContainers, type Pod } from '../pod/pod.ts';
import { anything, exactly, name, objectOf, optional, problemIn, type TypeOf, text } from '../pod/shape.ts';

const envelope = objectOf({
  apiVersion: exactly('admission.k8s.io/v1'),
  kind: exactly('AdmissionReview'),
  request: objectOf({
    uid: name,
    kind: objectOf({ group: exactly(''), version: exactly('v1'), kind: text }),
    namespace: name,
    operation: text,
    subResource: optional(text),
    userInfo: optional(objectOf({ username: optional(text) })),
    object: anything,
  }),
});

export type Request = { readonly uid: string; readonly namespace: string } & (
  | {
      readonly kind: 'creation';
      readonly pod: Pod;
      /** The user who creates the pod; empty if the API server names none. */
      readonly user: string;
    }
  /** An update, a deletion, or a subresource such as `ephemeralcontainers`. */
  | { readonly kind: 'other' }
  /** The creation of a pod without containers, which the API server refuses in words of its own. */
  | { readonly kind: 'no-containers' }
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

/**
 * An answer has so many refusals in full and counts the others: the message ends up in an Event, which holds 1024
 * bytes. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
const REFUSALS_SHOWN = 10;

/**
 * The API server cuts warnings of more than 256 characters, and leaves out further ones, where all warnings about a request have
 * more than 4096 characters together. Below that, kubectl prints each as a whole. Others may warn of the same request.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
const WARNINGS_LENGTH = 3500;
const WARNING_LENGTH = 800;

/** Returns the request in a review, or the problem of a body without one. The server answers HTTP 400 to the latter. */
export function parseReview(body: unknown): { ok: true; request: Request } | { ok: false; problem: string } {
  const problem = problemIn(body, envelope, 'review');
  if (problem !== undefined) return { ok: false, problem: `not an AdmissionReview v1: ${problem}` };
  const { uid, kind, namespace, operation, subResource, userInfo, object } = (body as TypeOf<typeof envelope>).request;
  if (kind.kind !== 'Pod') return { ok: false, problem: `only pods are admitted here, not a ${echo(kind.kind)}` };
  if (operation !== 'CREATE' || subResource) return { ok: true, request: { kind: 'other', uid, namespace } };
  if (hasNoContainers(object)) return { ok: true, request: { kind: 'no-containers', uid, namespace } };
  const read = asPod(object);
  if (!read.ok) return { ok: false, problem: `not a pod: ${read.problem}` };
  const user = userInfo?.username ?? '';
  return { ok: true, request: { kind: 'creation', uid, namespace, pod: read.pod, user } };
}

/** Returns the answer that lets the object pass as it is, with warnings for whoever creates it. */
export function allowed(uid: string, warnings: readonly string[]): Review {
  return patched(uid, undefined, warnings);
}

/**
 * Returns the answer that lets the pod pass with a JSON Patch, given as text; undefined means that nothing is changed.
 */
export function patched(uid: string, patch: string | undefined, warnings: readonly string[]): Review {
  return answer({
    uid,
    allowed: true,
    ...(warnings.length > 0 && { warnings: presentable(warnings) }),
    ...(patch !== undefined && { patchType: 'JSONPatch', patch: base64Of(patch) }),
  });
}

/** One patch after the other is written here, as a buffer of its own for each would take longer to make than to fill. */
const scratch = Buffer.alloc(64 * 1024);

/** Returns the bytes of a text as base64. */
function base64Of(text: string): string {
  // No character takes more than three bytes.
  if (text.length > scratch.length / 3) return Buffer.from(text).toString('base64');
  return scratch.toString('base64', 0, scratch.write(text));
}

/** Returns the answer that refuses the pod, with the first refusals and their codes, and how many more there are. */
export function denied(uid: string, refusals: readonly Refusal[]): Review {
  const shown = refusals.slice(0, REFUSALS_SHOWN).map(({ code, message }) => `${code}: ${message}`);
  if (refusals.length > REFUSALS_SHOWN) shown.push(`And ${refusals.length - REFUSALS_SHOWN} more.`);
  const { code } = refusals[0] ?? { code: 'ASI_ADMIT_INTERNAL' };
  return answer({
    uid,
    allowed: false,
    status: { code: statusOf(code), message: shown.join(' ') },
  });
}

/** Returns the review as JSON. The patch, which is most of it, is added as it is: base64 has no character that JSON escapes. */
export function encodeReview({ response, ...review }: Review): string {
  const { patch, ...others } = response;
  const json = JSON.stringify({ ...review, response: others });
  return patch === undefined ? json : `${json.slice(0, -'}}'.length)},"patch":"${patch}"}}`;
}

function answer(response: Review['response']): Review {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

/** Returns as many warnings as the API server hands on whole, and says how many more there are. */
function presentable(warnings: readonly string[]): string[] {
  const shown: string[] = [];
  let length = 0;
  for (const warning of new Set(warnings)) {
    const cut = warning.length > WARNING_LENGTH ? `${warning.slice(0, WARNING_LENGTH - 1).toWellFormed()}…` : warning;
    length += cut.length;
    if (length > WARNINGS_LENGTH) return [...shown, `and ${new Set(warnings).size - shown.length} more warnings`];
    shown.push(cut.replaceAll(/\p{Cc}/gu, ' '));
  }
  return shown;
}

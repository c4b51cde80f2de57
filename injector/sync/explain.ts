/** Explains why a Kubernetes Secret was not made, with the command that gives the ServiceAccount its rights. */
import { factsOf } from '../aws/error.ts';
import { roleNameFor, SECRET_VERBS } from '../contract/sync.ts';
import type { ConfigSync } from '../contract/sync-schema.ts';
import { oneLine } from '../contract/text.ts';
import type { Failure } from '../errors.ts';
import type { ApiAnswer } from './request.ts';

/** The most characters of the API server's own words. */
const WORDS_LIMIT = 400;

/** Reports an answer of the API server that is neither success nor absence. Its status decides whether it is asked again. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $response: { readonly headers: { readonly 'retry-after': string | undefined } };
  /** The words of the API server; empty if it has none. */
  readonly words: string;

  constructor({ status, retryAfter, body }: ApiAnswer) {
    super(`HTTP status ${status}`);
    const { kind, message } = Object(body) as { kind?: unknown; message?: unknown };
    this.words = kind === 'Status' && typeof message === 'string' ? oneLine(message, WORDS_LIMIT) : '';
    this.$metadata = { httpStatusCode: status };
    this.$response = { headers: { 'retry-after': retryAfter } };
  }
}

/** The pod whose Secret is made. */
export type SyncPlace = { readonly namespace: string; readonly sync: ConfigSync };

/** Returns the failure for an error, which is an {@link ApiError} or one of the network. */
export function explainError(name: string, error: unknown, place: SyncPlace): Failure {
  const subject = `Secret ${name}`;
  const headline = `The Secret "${name}" was not made.`;
  const { name: kind, code, status = 0 } = factsOf(error);
  if (kind === 'TokenUnreadable') return { code: 'ASI_SYNC_TOKEN', subject, headline };
  if (!(error instanceof ApiError)) {
    const cause = `The API server could not be reached: ${oneLine(code ?? kind, 80)}.`;
    return { code: 'ASI_SYNC_UNAVAILABLE', subject, headline, cause };
  }
  const verb = status === 403 ? deniedVerb(error.words) : undefined;
  if (verb !== undefined) return denied(name, verb, place);
  const cause = `The API server answered with HTTP status ${status}${error.words === '' ? '' : `: ${error.words}`}.`;
  const isRefusal = status >= 400 && status < 500 && status !== 401 && status !== 409 && status !== 429;
  return { code: isRefusal ? 'ASI_SYNC_REFUSED' : 'ASI_SYNC_UNAVAILABLE', subject, headline, cause };
}

/** Returns the verb that RBAC denies; undefined if something else refused the request, such as a quota or a policy. */
function deniedVerb(words: string): string | undefined {
  return /\bcannot (\w+) resource "secrets"/.exec(words)?.[1];
}

function denied(name: string, verb: string, { namespace, sync }: SyncPlace): Failure {
  const { serviceAccount, secrets } = sync;
  const headline = `The ServiceAccount "${serviceAccount}" may not ${verb} the resource secrets "${name}" in the namespace "${namespace}".`;
  const role = roleNameFor(serviceAccount);
  const names = secrets.map((secret) => `--resource-name=${secret.name}`).join(' ');
  const apply = `-n ${namespace} --dry-run=client -o yaml | kubectl apply -f -`;
  const fix =
    `Run: kubectl create role ${role} --verb=${SECRET_VERBS.join(',')} --resource=secrets ${names} ${apply}; ` +
    `kubectl create rolebinding ${role} --role=${role} --serviceaccount=${namespace}:${serviceAccount} ${apply}`;
  return { code: 'ASI_SYNC_DENIED', subject: `Secret ${name}`, headline, fix };
}

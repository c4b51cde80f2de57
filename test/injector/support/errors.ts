/** Makes errors as the SDK, the agent and the network throw them, from plain values. */
import { RegionError, type Step } from '../../../injector/aws/error.ts';

/** Describes an error. `fault` is true for one that a service named. */
export type Thrown = {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
  readonly proxy?: number;
  readonly fault?: true;
  readonly request?: string;
  readonly words?: string;
  readonly limit?: number;
};

export function thrown({ name, message = '', code, status, proxy, fault, request, words, limit }: Thrown): Error {
  const metadata = { ...(status && { httpStatusCode: status }), ...(request && { requestId: request }) };
  return Object.assign(new Error(message), {
    ...(name && { name }),
    ...(code && { code }),
    ...(proxy && { status: proxy }),
    ...(fault && { $fault: 'client' }),
    ...(words && { words }),
    ...(limit && { limit }),
    $metadata: metadata,
  });
}

/** Returns the error of a region, or of several, in which the same step failed; `role` is the one that was to be assumed. */
export function inRegions(step: Step, errors: Readonly<Record<string, Thrown>>, role?: string) {
  const each = Object.entries(errors).map(([region, error]) => {
    const asked = step === 'request' ? { action: 'secretsmanager:ListSecrets', name: undefined } : undefined;
    const about = role === undefined ? asked : { action: 'sts:AssumeRole', name: role };
    return new RegionError(region, step, thrown(error), about);
  });
  const [first] = each;
  return each.length === 1 && first !== undefined ? first : new AggregateError(each);
}

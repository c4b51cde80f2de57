/** Makes the answers to reviews of pods. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { admit } from '../admission/admit.ts';
import type { Facts } from '../admission/facts.ts';
import { encodeReview, parseReview, type Request } from '../admission/review.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Reply } from './answer.ts';
import { jsonProblem } from './json-limits.ts';
import type { Metrics } from './metrics.ts';
import { parseJson } from './parse.ts';
import type { rateLimited } from './rate-limited-log.ts';
import { record } from './record.ts';

export type ReviewerOptions = {
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  readonly metrics: Metrics | undefined;
  readonly log: FastifyBaseLogger;
  readonly warn: ReturnType<typeof rateLimited>;
  /** Bytes of a review up to which it counts as small. */
  readonly small: number;
};

/**
 * Returns a function that answers the body of a review of a pod, logs the answer and counts it. It throws `Unreadable` if the body is not
 * JSON.
 */
export function createReviewer({ settings, facts, metrics, log, warn, small }: ReviewerOptions) {
  return async (body: Buffer): Promise<Reply> => {
    const started = performance.now();
    const isLarge = body.length > small;
    const problem = jsonProblem(body);
    // A large review takes a turn of the event loop for each of its three parts, so that a small one waits for a part only.
    if (isLarge) await nextTurn();
    const parsed = problem ? undefined : parseJson(body);
    if (isLarge) await nextTurn();
    const review = problem ? ({ ok: false, problem } as const) : parseReview(parsed);
    if (!review.ok) {
      metrics?.malformed();
      warn({ problem: review.problem }, 'Could not read a review');
      return { status: 400, json: JSON.stringify({ error: review.problem }) };
    }
    const answer = await admit(review.request, settings, facts);
    metrics?.answered(answer, (performance.now() - started) / 1000);
    metrics?.refused(answer, ownerKindOf(review.request));
    record(log, review.request, answer);
    return { status: 200, json: encodeReview(answer.review) };
  };
}

/** Returns the kind of what owns the pod of a request first, or undefined if nothing does. */
function ownerKindOf(request: Request): string | undefined {
  return request.kind === 'creation' ? request.pod.metadata.ownerReferences?.[0]?.kind : undefined;
}

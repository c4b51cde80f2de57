/** Makes the answers to reviews of pods, and logs and counts them. */
import type { FastifyBaseLogger } from 'fastify';
import { type Answer, admit } from '../admission/admit.ts';
import type { Facts } from '../admission/facts.ts';
import { encodeReview, parseReview, type Request } from '../admission/review.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Reply } from './answer.ts';
import { jsonProblem } from './json-limits.ts';
import type { Metrics } from './metrics.ts';
import { parseJson } from './parse.ts';
import type { rateLimited } from './rate-limited-log.ts';
import { type Line, lineOf } from './record.ts';

/** Is the result for the body of a review: the reason why it can not be read, or the answer with its log line and its counts. It is plain data. */
export type Reviewed =
  | { readonly ok: false; readonly problem: string }
  | {
      readonly ok: true;
      /** The answer in JSON. */
      readonly json: string;
      readonly line: Line;
      readonly counted: Pick<Answer, 'outcome' | 'reason' | 'refusals' | 'rotation'>;
      /** The kind of what owns the pod first, or undefined if nothing does. */
      readonly owner: string | undefined;
    };

/** Returns what comes of the body of a review of a pod. Throws `Unreadable` if the body is not JSON. */
export async function reviewBody(body: Buffer, settings: AdmissionSettings, facts: Facts): Promise<Reviewed> {
  const problem = jsonProblem(body);
  if (problem !== undefined) return { ok: false, problem };
  const review = parseReview(parseJson(body));
  if (!review.ok) return review;
  const answer = await admit(review.request, settings, facts);
  const { outcome, reason, refusals, rotation } = answer;
  const counted = { outcome, reason, ...(refusals && { refusals }), ...(rotation && { rotation }) };
  const line = lineOf(review.request, answer);
  return { ok: true, json: encodeReview(answer.review), line, counted, owner: ownerKindOf(review.request) };
}

export type ReporterOptions = {
  readonly metrics: Metrics | undefined;
  readonly log: FastifyBaseLogger;
  readonly warn: ReturnType<typeof rateLimited>;
};

/** Returns a function that logs and counts what came of a review that took so many milliseconds, and returns the answer. */
export function createReporter({ metrics, log, warn }: ReporterOptions) {
  return (reviewed: Reviewed, ms: number): Reply => {
    if (!reviewed.ok) {
      const { problem } = reviewed;
      metrics?.failed('malformed');
      warn({ problem }, 'Could not read a review');
      return { status: 400, json: JSON.stringify({ error: problem }) };
    }
    const { json, line, counted, owner } = reviewed;
    metrics?.answered(counted, ms / 1000);
    metrics?.refused(counted, owner);
    log[line.level](line.fields, line.message);
    return { status: 200, json };
  };
}

/** Returns the kind of what owns the pod of a request first, or undefined if nothing does. */
function ownerKindOf(request: Request): string | undefined {
  return request.kind === 'creation' ? request.pod.metadata.ownerReferences?.[0]?.kind : undefined;
}

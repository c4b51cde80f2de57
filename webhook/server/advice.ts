/** Answers reviews of workloads with warnings. This gives way to reviews of pods, and refuses nothing. */
import type { FastifyBaseLogger } from 'fastify';
import type { Facts } from '../admission/facts.ts';
import { allowed, type Review } from '../admission/review.ts';
import { echo } from '../declare/echo.ts';
import type { AdmissionSettings } from '../settings.ts';
import { advise } from '../workload/advise.ts';
import { parseWorkloadReview, uidIn } from '../workload/review.ts';
import { jsonProblem } from './json-limits.ts';
import { createTurns } from './turns.ts';

/** The results of reviews of workloads. `busy`: it got no advice, because pods went first or the review is too large. */
export const ADVICE_RESULTS = ['warned', 'nothing', 'busy'] as const;

export type AdviceResult = (typeof ADVICE_RESULTS)[number];

/** So many workloads are looked at or wait at a time. Further ones get no advice. */
const MOST = 4;

/** Larger reviews, in bytes, get no advice. One of a Deployment has 5 to 40 KiB, the previous one and the managed fields included. */
const LARGEST = 256 * 2 ** 10;

export type AdviserOptions = {
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  readonly log: FastifyBaseLogger;
  /** Returns whether reviews of pods wait. */
  readonly isBusy: () => boolean;
  readonly onResult: (result: AdviceResult) => void;
};

/**
 * Returns a function that answers the body of a review of a workload; undefined if the body is none. `parse` reads JSON. Workloads
 * are looked at one per turn of the event loop, while no review of a pod waits.
 */
export function createAdviser({ settings, facts, log, isBusy, onResult }: AdviserOptions) {
  const nextTurn = createTurns(1);
  let asked = 0;

  const withoutAdvice = (body: Buffer): Review | undefined => {
    const uid = uidIn(body);
    if (uid === undefined) return undefined;
    onResult('busy');
    return allowed(uid, []);
  };

  return async (body: Buffer, parse: (body: Buffer) => unknown): Promise<Review | undefined> => {
    if (asked >= MOST || isBusy() || body.length > LARGEST) return withoutAdvice(body);
    asked += 1;
    try {
      await new Promise<void>(nextTurn);
      if (isBusy()) return withoutAdvice(body);
      const request = jsonProblem(body) ? undefined : parseWorkloadReview(parse(body));
      if (!request) return undefined;
      const warnings = await advise(request, settings, facts);
      onResult(warnings.length > 0 ? 'warned' : 'nothing');
      const { uid, namespace, name } = request;
      const line = { uid: echo(uid), namespace: echo(namespace), workload: echo(name ?? '') };
      log.debug({ ...line, warnings: warnings.length }, 'Looked at the pod template of a workload');
      return allowed(uid, warnings);
    } finally {
      asked -= 1;
    }
  };
}

/** Writes the log line about an answer. */
import type { FastifyBaseLogger } from 'fastify';
import type { Answer } from '../admission/admit.ts';
import type { Request } from '../admission/review.ts';
import { describeSkip } from '../admission/skip.ts';
import { echo } from '../declare/echo.ts';
import type { Pod } from '../pod/pod.ts';

/**
 * Logs an answer: names, the reason, and the sentences that the user gets, which quote the declaration in short. It never logs
 * pods and patches, because they have what users wrote. A pod that needs no change has its line at the level debug.
 */
export function record(log: FastifyBaseLogger, request: Request, answer: Answer): void {
  const { status, warnings } = answer.review.response;
  const line = {
    // These are cut, because anybody may call the webhook with any text.
    uid: echo(request.uid),
    namespace: echo(request.namespace),
    pod: request.kind === 'creation' ? nameOf(request.pod) : undefined,
    outcome: answer.outcome,
    reason: answer.reason,
    refusal: status?.message,
    warnings,
  };
  if (answer.outcome === 'failed') log.error({ ...line, error: kindOf(answer.error) }, 'Failed at a pod');
  else if (answer.outcome === 'skipped') log.debug(line, describeSkip(answer.reason) ?? 'Skipped a pod');
  else if (answer.outcome === 'unchanged') log.debug(line, 'The pod is injected already');
  else if (answer.outcome === 'denied') log.info(line, 'Refused a pod');
  else log.info(line, 'Injected a pod');
}

/** Returns the name of the pod, or the beginning of it: that is all that a pod of a controller has before it is created. */
function nameOf({ metadata: { name, generateName } }: Pod): string {
  return echo(String(name ?? generateName ?? ''));
}

/** Returns what the log may say of an error. The error itself may hold an answer of the API server, or a pod. */
function kindOf(error: unknown): { name: string; code: unknown; stack: string[] } {
  const { name, code, stack } = (error instanceof Error ? error : new Error('not an error')) as NodeJS.ErrnoException;
  const frames = (stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name, code, stack: frames.slice(0, 10).map((line) => line.trim()) };
}

/** Writes the log line about an answer. */
import type { FastifyBaseLogger } from 'fastify';
import type { Answer } from '../admission/admit.ts';
import type { Request } from '../admission/review.ts';
import { describeSkip } from '../admission/skip.ts';
import { echo } from '../declare/echo.ts';
import type { Pod } from '../pod/pod.ts';

/** Names and reasons, never pods, messages or patches: they hold what users wrote. */
export function record(log: FastifyBaseLogger, request: Request, answer: Answer): void {
  const line = {
    // Cut, as anybody may call the webhook, who may say anything.
    uid: echo(request.uid),
    namespace: echo(request.namespace),
    pod: request.kind === 'creation' ? nameOf(request.pod) : undefined,
    outcome: answer.outcome,
    reason: answer.reason,
  };
  if (answer.outcome === 'failed') log.error({ ...line, error: kindOf(answer.error) }, 'Failed at a pod');
  else if (answer.outcome === 'skipped') log.debug(line, describeSkip(answer.reason) ?? 'Skipped a pod');
  else log.info(line, 'Answered for a pod');
}

/** Pods of controllers have but the beginning of a name yet. */
function nameOf({ metadata: { name, generateName } }: Pod): string {
  return echo(String(name ?? generateName ?? ''));
}

/** Returns what the log may say of an error. The error itself may hold an answer of the API server, or a pod. */
function kindOf(error: unknown): { name: string; code: unknown; stack: string[] } {
  const { name, code, stack } = (error instanceof Error ? error : new Error('not an error')) as NodeJS.ErrnoException;
  const frames = (stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name, code, stack: frames.slice(0, 10).map((line) => line.trim()) };
}

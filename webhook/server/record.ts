/** Makes the log line about an answer. */
import type { Answer } from '../admission/admit.ts';
import type { Request } from '../admission/review.ts';
import { describeSkip } from '../admission/skip.ts';
import { echo } from '../declare/echo.ts';
import type { Pod } from '../pod/pod.ts';

/** A log line as plain data. */
export type Line = {
  readonly level: 'debug' | 'info' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/**
 * Returns the line about an answer: names, the reason, and the sentences that the user gets, which quote the declaration in short. It
 * never has pods and patches, because they have what users wrote. A pod that needs no change has its line at the level debug.
 */
export function lineOf(request: Request, answer: Answer): Line {
  const { status, warnings } = answer.review.response;
  const fields = {
    // These are cut, because anybody may call the webhook with any text.
    uid: echo(request.uid),
    namespace: echo(request.namespace),
    pod: request.kind === 'creation' ? nameOf(request.pod) : undefined,
    outcome: answer.outcome,
    reason: answer.reason,
    refusal: status?.message,
    warnings,
  };
  if (answer.outcome === 'failed') {
    return { level: 'error', fields: { ...fields, error: kindOf(answer.error) }, message: 'Failed at a pod' };
  }
  if (answer.outcome === 'skipped') {
    return { level: 'debug', fields, message: describeSkip(answer.reason) ?? 'Skipped a pod' };
  }
  if (answer.outcome === 'unchanged') return { level: 'debug', fields, message: 'The pod is injected already' };
  if (answer.outcome === 'denied') return { level: 'info', fields, message: 'Refused a pod' };
  return { level: 'info', fields, message: 'Injected a pod' };
}

/** Returns the name of the pod, or the beginning of it: that is all that a pod of a controller has before it is created. */
function nameOf({ metadata: { name, generateName } }: Pod): string {
  return echo(String(name ?? generateName ?? ''));
}

/** Returns what the log may say of an error. The error itself may hold an answer of the API server, or a pod. */
export function kindOf(error: unknown): { name: string; code: unknown; stack: string[] } {
  const { name, code, stack } = (error instanceof Error ? error : new Error('not an error')) as NodeJS.ErrnoException;
  const frames = (stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name, code, stack: frames.slice(0, 10).map((line) => line.trim()) };
}

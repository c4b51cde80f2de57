/** Writes failures as the container's termination message, which `kubectl describe pod` shows. */
import { factsOf } from './aws/error.ts';

import { oneLine } from './contract/text.ts';
import { FAILURES, type Failure } from './errors.ts';

/** The kubelet keeps so many bytes of one container's message. */
const LIMIT = 4096;

/** The kubelet keeps fewer bytes of each message if the pod has many containers. About so many are left with 15. */
const SUMMARY_LIMIT = 400;

/** Returns one failure as a line: what happened, why, what to do, and the code to search for. */
export function describe(failure: Failure): string {
  const { cause, fix } = FAILURES[failure.code];
  return oneLine([failure.headline, failure.cause ?? cause, failure.fix ?? fix, `[${failure.code}]`].join(' '));
}

/** Returns all failures, a line each, in at most 4096 bytes. If there are several, the first line has all their names. */
export function report(failures: readonly Failure[]): string {
  const lines = failures.map(describe);
  if (failures.length > 1) lines.unshift(summary(failures));
  const kept: string[] = [];
  let room = LIMIT;
  for (const [index, line] of lines.entries()) {
    const rest = `… and ${lines.length - index} more, see the container's log.`;
    const isLast = index === lines.length - 1;
    const needed = Buffer.byteLength(line) + 1 + (isLast ? 0 : Buffer.byteLength(rest) + 1);
    if (needed > room) {
      if (index === 0) return cut(line, LIMIT);
      kept.push(rest);
      break;
    }
    kept.push(line);
    room -= Buffer.byteLength(line) + 1;
  }
  return kept.join('\n');
}

function summary(failures: readonly Failure[]): string {
  const first = `${failures.length} failures:`;
  const names = failures.map(({ subject, code }) => ` ${cut(oneLine(subject), 100)} [${code}]`);
  let text = first;
  for (const [index, name] of names.entries()) {
    const separator = index === 0 ? '' : ',';
    if (Buffer.byteLength(text + separator + name) > SUMMARY_LIMIT) return `${text}, … ${names.length - index} more`;
    text += separator + name;
  }
  return text;
}

/**
 * Returns the failure for an error that no code expects. It names only the kind of the error, as its message may hold anything.
 */
export function unexpected(error: unknown): Failure {
  const { name, code } = factsOf(error);
  const kind = oneLine([name, code].filter((part) => part !== undefined).join(' '), 80);
  return { code: 'ASI_UNEXPECTED', subject: 'injector', headline: `The injector stopped: ${kind}.` };
}

/** Returns the beginning of the text, in at most so many bytes of UTF-8, without half a character at its end. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  const ellipsis = '…';
  let end = bytes - Buffer.byteLength(ellipsis);
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return buffer.subarray(0, end).toString() + ellipsis;
}

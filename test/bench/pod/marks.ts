/** Reads what a container runtime wrote beside each line of a container's log, and a pod's status. It is pure. */
import type { V1Pod } from '@kubernetes/client-node';

/** Milliseconds since the request that creates the pod; all clocks are one machine's. */
export type Marks = {
  /** The API server's answer, admission and all. */
  readonly answered: number;
  /** The time at which the pod was seen to be bound to a node. */
  readonly scheduled: number;
  /** The time of the last line of the last init container. */
  readonly initDone: number | undefined;
  /** The time of the first line of the app. */
  readonly line: number;
};

/** Milliseconds of the epoch, of the first and the last line of a log with timestamps; undefined of an empty one. */
export function linesOf(log: string): { readonly first: number; readonly last: number } | undefined {
  const times = log
    .split('\n')
    .filter((line) => line !== '')
    .map(timeOf);
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** RFC 3339 with up to nine digits of a second, of which Date reads three. */
function timeOf(line: string): number {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z /.exec(line) ?? [];
  if (seconds === undefined) throw new TypeError(`no timestamp in ${JSON.stringify(line)}`);
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction || 0}`) * 1000;
}

/** Returns whether the pod ended well. Throws if it failed or restarted, as such a start is not to be timed. */
export function isOver({ metadata, status }: V1Pod): boolean {
  if (status?.phase === 'Failed' || status?.containerStatuses?.some(({ restartCount }) => restartCount > 0)) {
    throw new Error(`pod ${metadata?.name}: ${JSON.stringify(status)}`);
  }
  return status?.phase === 'Succeeded';
}

/** Returns how long to wait for a moment at which this share of a second has passed. */
export function untilShare(share: number, now: number): number {
  return (((share * 1000 - now) % 1000) + 1000) % 1000;
}

/** Shares of a second, evenly over it and in an order that jumps about: neighbours lie far from each other. */
export function sharesOf(count: number): number[] {
  const step = stepOf(count);
  return Array.from({ length: count }, (_, index) => (((index * step) % count) + 0.5) / count);
}

/** Near the golden section, and without a divisor in common with the count. */
function stepOf(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(count * 0.618));
  while (divisor(step, count) !== 1) step += 1;
  return step;
}

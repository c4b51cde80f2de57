/** Remembers what fails, so that the log says it once when it begins and once when it ends. */
import { FAILURES, type Failure } from '../errors.ts';

type Outage = {
  readonly failure: Failure;
  /** The number of the first look that had the failure, and of the last one. */
  readonly first: number;
  readonly last: number;
};

/** Has what a look needs to know of the looks before it. */
export type Outages = {
  /** The number of looks. */
  readonly looks: number;
  /** The number of looks with a failure since the newest one began. An old failure does not put off the next try of a new one. */
  readonly failed: number;
  /** The failures that go on, by what they are about. */
  readonly open: ReadonlyMap<string, Outage>;
};

export const NO_OUTAGES: Outages = { looks: 0, failed: 0, open: new Map() };

/**
 * Returns the failures that go on after a look, those of them that began with it, and the last one of each that ended. A
 * failure that was transient and is permanent now, or the other way round, begins anew, as there is something else to do.
 *
 * A failure can hide an earlier one: without credentials no secret is asked for. An absent failure has therefore ended only if
 * the look had no failure that came after it.
 */
export function compareOutages(
  { looks, failed, open }: Outages,
  failures: readonly Failure[],
): { readonly outages: Outages; readonly begun: readonly Failure[]; readonly ended: readonly Failure[] } {
  const look = looks + 1;
  const present = new Map(
    failures.map((failure) => {
      const first = open.get(failure.subject)?.first ?? look;
      return [failure.subject, { failure, first, last: look }];
    }),
  );
  const earlier = failures.every(({ subject }) => open.has(subject)) ? failed : 0;
  const newest = Math.max(0, ...[...present.values()].map(({ first }) => first));
  const absent = [...open].filter(([subject]) => !present.has(subject));
  const hidden = absent.filter(([, { last }]) => last < newest);
  const ended = absent.filter(([, { last }]) => last >= newest).map(([, { failure }]) => failure);
  const kindOf = ({ code }: Failure) => FAILURES[code].exitCode;
  const begun = [...present.values()].filter(({ failure }) => {
    const before = open.get(failure.subject)?.failure;
    return before === undefined || kindOf(before) !== kindOf(failure);
  });
  return {
    outages: {
      looks: look,
      failed: failures.length === 0 ? 0 : earlier + 1,
      open: new Map([...hidden, ...present]),
    },
    begun: begun.map(({ failure }) => failure),
    ended,
  };
}

/** Remembers what fails, so that the log says it once when it begins and once when it ends. */
import { FAILURES, type Failure } from '../errors.ts';

type Outage = {
  readonly failure: Failure;
  /** The number of the first look that had the failure, and of the last one. */
  readonly first: number;
  readonly last: number;
};

/**
 * Counts looks in a row: those with a transient failure, whatever it is about, and those with permanent ones only, from the newest
 * of these on. The looks with a transient failure between do not count among the latter, and do not end them.
 */
type FailedLooks = { readonly transient: number; readonly permanent: number };

/** Has what a look needs to know of the looks before it. */
export type Outages = {
  /** The number of looks. */
  readonly looks: number;
  readonly failed: FailedLooks;
  /** The failures that go on, by what they are about. */
  readonly open: ReadonlyMap<string, Outage>;
};

export const NO_OUTAGES: Outages = { looks: 0, failed: { transient: 0, permanent: 0 }, open: new Map() };

/**
 * Returns how many looks in a row have failed, for the pause before the next one. A permanent failure that has gone on for long does
 * not put off the next try of a new one, and throttling, which meets other objects in each look, makes all pauses longer.
 */
export function failedLooks({ failed: { transient, permanent } }: Outages): number {
  return transient || permanent;
}

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
  const newest = Math.max(0, ...[...present.values()].map(({ first }) => first));
  const absent = [...open].filter(([subject]) => !present.has(subject));
  const hidden = absent.filter(([, { last }]) => last < newest);
  const ended = absent.filter(([, { last }]) => last >= newest).map(([, { failure }]) => failure);
  const begun = [...present.values()].filter(({ failure }) => {
    const before = open.get(failure.subject)?.failure;
    return before === undefined || kindOf(before) !== kindOf(failure);
  });
  return {
    outages: {
      looks: look,
      failed: countLooks(failed, failures, begun.length > 0),
      open: new Map([...hidden, ...present]),
    },
    begun: begun.map(({ failure }) => failure),
    ended,
  };
}

/** `isNew` is true if one of the failures began with this look. */
function countLooks({ transient, permanent }: FailedLooks, failures: readonly Failure[], isNew: boolean): FailedLooks {
  if (failures.length === 0) return NO_OUTAGES.failed;
  if (failures.some((failure) => kindOf(failure) === 20)) return { transient: transient + 1, permanent };
  return { transient: 0, permanent: isNew ? 1 : permanent + 1 };
}

function kindOf({ code }: Failure) {
  return FAILURES[code].exitCode;
}

/** Remembers what fails, so that the log says it once when it begins and once when it ends. */
import { FAILURES, type Failure } from '../errors.ts';

/** The failures that go on, by what they are about. */
export type Outages = ReadonlyMap<string, Failure>;

export const NO_OUTAGES: Outages = new Map();

/**
 * Returns the failures that go on after a round, those of them that began with it, and the subjects of those that ended. A
 * failure that was transient and is permanent now, or the other way round, begins anew, as there is something else to do.
 */
export function compareOutages(
  before: Outages,
  failures: readonly Failure[],
): { readonly outages: Outages; readonly begun: readonly Failure[]; readonly ended: readonly string[] } {
  const outages = new Map(failures.map((failure) => [failure.subject, failure]));
  const kindOf = ({ code }: Failure) => FAILURES[code].exitCode;
  const begun = [...outages.values()].filter((failure) => {
    const earlier = before.get(failure.subject);
    return earlier === undefined || kindOf(earlier) !== kindOf(failure);
  });
  return { outages, begun, ended: [...before.keys()].filter((subject) => !outages.has(subject)) };
}

/** Says in words what a look at AWS found, for the log and for `refresh`. */
import { oneLine } from '../contract/text.ts';
import { exitCode, type Failure } from '../errors.ts';
import type { Redactor } from '../redactor.ts';
import { describe } from '../report.ts';
import { SYNC_FAILURES } from '../sync/failures.ts';
import type { Change } from './change.ts';
import type { Round } from './round.ts';

/** Is the answer of the main process to `refresh`. The exit codes are those of a first run. */
export type RefreshAnswer = { readonly lines: readonly string[]; readonly exitCode: number };

/** Returns the answer, without anything that the redactor knows to be secret. */
export function answerOf({ changes, files, failures }: Round, { redact }: Pick<Redactor, 'redact'>): RefreshAnswer {
  const lines = [
    ...changes.map(describeChange),
    ...(changes.length === 0 && failures.length === 0 ? ['Nothing changed.'] : []),
    ...(files.length > 0 ? [`New files: ${files.join(', ')}.`] : []),
    ...failures.map((failure) => `${describe(failure)} ${describeRest(failure, false)}`),
  ];
  return { lines: lines.map((line) => redact(oneLine(line, LINE_LIMIT))), exitCode: exitCode(failures) };
}

/**
 * Returns the sentence about what stays as it was because of a failure. The alert in docs/operations.md counts the sentences of
 * failures that begin; one that has only become permanent (`isGoingOn`) has another sentence.
 */
export function describeRest({ code }: Failure, isGoingOn: boolean): string {
  // A value that fits no Secret holds up its files as well.
  const isSecretOnly = code in SYNC_FAILURES && code !== 'ASI_SYNC_VALUE';
  if (isSecretOnly) return isGoingOn ? 'The Secret still stays as it is.' : 'The Secret stays as it is.';
  return isGoingOn ? 'The files still keep its last value.' : 'The files keep its last value.';
}

/** Returns the sentence about a failure that has ended, which the alert in docs/operations.md counts. */
export function describeEnd({ code, subject }: Failure): string {
  return code in SYNC_FAILURES ? `${subject} is up to date again.` : `${subject} can be read again.`;
}

/** The most characters of a line: the names of a few hundred files. */
const LINE_LIMIT = 16 * 1024;

/** Returns a sentence about an object whose value changed, with the old and the new version. */
export function describeChange({ name, region, from, to }: Change): string {
  const versions = from === undefined ? `version ${to}` : `version ${from} is now ${to}`;
  return `${name} changed${region === undefined ? '' : ` in ${region}`}: ${versions}.`;
}

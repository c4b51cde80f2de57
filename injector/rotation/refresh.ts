/** Says in words what a look at AWS found, for the log and for `refresh`. */
import { oneLine } from '../contract/text.ts';
import { exitCode } from '../errors.ts';
import type { Redactor } from '../redactor.ts';
import { describe } from '../report.ts';
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
    ...failures.map((failure) => `${describe(failure)} The files keep its last value.`),
  ];
  return { lines: lines.map((line) => redact(oneLine(line, LINE_LIMIT))), exitCode: exitCode(failures) };
}

/** The most characters of a line: the names of a few hundred files. */
const LINE_LIMIT = 16 * 1024;

/** Returns a sentence about an object whose value changed, with the old and the new version. */
export function describeChange({ name, region, from, to }: Change): string {
  const versions = from === undefined ? `version ${to}` : `version ${from} is now ${to}`;
  return `${name} changed${region === undefined ? '' : ` in ${region}`}: ${versions}.`;
}

/** Reads the keys of an entry of `objects` that ASCP does not know, and refuses those that we do not know either. */

import type { RenameStep } from '../../../injector/contract/rename.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { readRename } from '../rename.ts';
import { err, ok, type Result } from '../result.ts';
import { nearest } from '../spelling.ts';
import { type Leniency, readFlag, readLeniency } from '../yaml/leniency.ts';
import { type Entry, SEARCH_KEYS } from './descriptor-yaml.ts';

export type Extensions = {
  /** True if each key becomes a file, in place of the value itself. */
  readonly expand: boolean;
  /** The steps that rename the keys, or the names of what a search finds. */
  readonly rename?: RenameStep[];
  readonly whole: Leniency;
  /** The leniency of each part of the entry. If the list is empty, no part is lenient. */
  readonly parts: readonly Leniency[];
};

/** Reads our keys of one entry. A problem is the end of a sentence that starts with the entry's name. */
export function readExtensions({ fields, unknown, parts }: Entry, budget: Budget): Result<Extensions> {
  const foreign = [unknown, ...parts.map((part) => part.unknown)].find((found) => found !== undefined);
  if (foreign !== undefined) {
    const guess = nearest(foreign.key, foreign.known);
    const fix = guess === undefined ? `the keys are ${foreign.known.join(', ')}` : `did you mean ${guess}?`;
    return err(`has the unknown key ${echo(foreign.key)}; ${fix}`);
  }
  const whole = readLeniency(fields);
  if (!whole.ok) return whole;
  const expand = readFlag(fields, 'expand');
  if (!expand.ok) return expand;
  if (expand.value && (whole.value.default !== undefined || whole.value.type !== undefined)) {
    return err('has expand: true with default or type, which are for one value; remove one of them');
  }
  const rename = readRename(
    fields,
    budget,
    SEARCH_KEYS.some((key) => fields.has(key)),
  );
  if (!rename.ok) return rename;
  const { default: _, ...inherited } = whole.value;
  const lenient: Leniency[] = [];
  for (const part of parts) {
    const read = readLeniency(part.fields, inherited);
    if (!read.ok) return err(`has a problem in jmesPath: an entry ${read.problem}`);
    lenient.push(read.value);
  }
  return ok({
    expand: expand.value,
    ...(rename.value && { rename: rename.value }),
    whole: whole.value,
    parts: lenient,
  });
}

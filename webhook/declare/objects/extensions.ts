/** Our keys in an entry of the annotation `objects`. ASCP would ignore them; what nobody knows is refused. */

import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import { nearest } from '../spelling.ts';
import { type Leniency, readFlag, readLeniency } from '../yaml/leniency.ts';
import type { Entry } from './descriptor-yaml.ts';

export type Extensions = {
  /** Each key is a file, and the value itself is not written. */
  readonly expand: boolean;
  readonly whole: Leniency;
  /** As many as the entry has parts; none: all are strict. */
  readonly parts: readonly Leniency[];
};

/** Reads our keys of one entry. A problem is the end of a sentence that starts with the entry's name. */
export function readExtensions({ fields, unknown, parts }: Entry): Result<Extensions> {
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
  const { default: _, ...inherited } = whole.value;
  const lenient: Leniency[] = [];
  for (const part of parts) {
    const read = readLeniency(part.fields, inherited);
    if (!read.ok) return err(`has a problem in jmesPath: an entry ${read.problem}`);
    lenient.push(read.value);
  }
  return ok({ expand: expand.value, whole: whole.value, parts: lenient });
}

/** Reads the annotations whose text is one value, by the rows of the table. */
import { type Refusal, refusal } from '../errors.ts';
import type { Row } from './annotation-row.ts';
import { ANNOTATIONS } from './annotation-table.ts';
import { echo } from './echo.ts';
import { ok, type Result } from './result.ts';

type Rows = typeof ANNOTATIONS;
/** The names of the rows that have a member. */
type With<Member> = { [N in keyof Rows]: Rows[N] extends Member ? N : never }[keyof Rows];
type Scalar = With<{ readonly parse: unknown }>;
type Option = With<{ readonly option: string }>;
/** The names of the rows that have a value in any case. */
type Always = With<{ readonly fallback: string }>;
type Value<N extends Scalar> = Rows[N]['parse'] extends (text: string) => Result<infer V> ? V : never;

/** The values by the names of their annotations. One that is absent or wrong is missing here, unless its row has a fallback. */
export type Values = { readonly [N in Scalar & Always]: Value<N> } & {
  readonly [N in Exclude<Scalar, Always>]?: Value<N>;
};

/** The members of the declaration that have the value of an annotation as it is. */
export type Options = { readonly [N in Option & Always as Rows[N]['option']]: Value<N> } & {
  readonly [N in Exclude<Option, Always> as Rows[N]['option']]?: Value<N>;
};

/** Reads each annotation that the pod has. A wrong one adds a refusal. */
export function readValues(own: ReadonlyMap<string, string>): {
  readonly values: Values;
  readonly options: Options;
  readonly refusals: Refusal[];
} {
  const values: [string, unknown][] = [];
  const options: [string, unknown][] = [];
  const refusals: Refusal[] = [];
  for (const [name, row] of Object.entries<Row>(ANNOTATIONS)) {
    if (!('parse' in row)) continue;
    const { value, problem } = readValue(row, own.get(name));
    if (problem !== undefined) refusals.push(refusal('ASI_ADMIT_INVALID_VALUE', `${name}: ${problem}`));
    if (value === undefined) continue;
    values.push([name, value]);
    if (row.option !== undefined) options.push([row.option, value]);
  }
  return { values: Object.fromEntries(values) as Values, options: Object.fromEntries(options) as Options, refusals };
}

type Read = { readonly value?: unknown; readonly problem?: string };

/** Reads one text, or the row's fallback if it is absent or wrong. The problem quotes the text unless the row forbids it. */
function readValue(row: Extract<Row, { parse: unknown }>, text: string | undefined): Read {
  const result = text === undefined ? ok(undefined) : row.parse(text);
  if (result.ok && result.value !== undefined) return { value: result.value };
  const fallback = 'fallback' in row ? row.parse(row.fallback) : ok(undefined);
  const value = fallback.ok ? fallback.value : undefined;
  if (result.ok || text === undefined) return { value };
  return { value, problem: row.quoted === false ? result.problem : `"${echo(text)}" ${result.problem}` };
}

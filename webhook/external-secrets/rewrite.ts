/** Reads `dataFrom[].rewrite` of an ExternalSecret, which gives keys other names. */
import * as v from 'valibot';
import { LONGEST_PATTERN, MERGE, MOST_STEPS, type RenameStep } from '../../injector/contract/rename.ts';
import { strict } from '../../injector/contract/strict.ts';
import type { CheckPattern } from '../declare/patterns.ts';
import { err, ok, type Result } from '../declare/result.ts';

const step = strict({
  regexp: v.optional(strict({ source: v.string(), target: v.string() })),
  /** `into` is read by the operator with the strategy JSON only. */
  merge: v.optional(
    strict({
      into: v.optional(v.string()),
      strategy: v.optional(v.literal('Extract')),
      conflictPolicy: v.optional(v.literal('Error')),
    }),
  ),
});

/** Reads the list as the ExternalSecret has it. */
export const rewrite = v.optional(v.array(step), []);

type Context = {
  /** The path of the entry that the steps belong to. */
  readonly at: string;
  readonly check: CheckPattern;
  /** True if the steps rewrite what is found, which alone can be merged. */
  readonly isFind: boolean;
};

/** Returns the steps; undefined if there are none, so that the conversion of keys counts. */
export function readRewrite(
  steps: v.InferOutput<typeof rewrite>,
  context: Context,
): Result<readonly RenameStep[] | undefined> {
  const path = `${context.at}.rewrite`;
  if (steps.length > MOST_STEPS) return err(`${path} has more than ${MOST_STEPS} entries; join some of them`);
  const renames: RenameStep[] = [];
  for (const [index, one] of steps.entries()) {
    const read = readStep(one, `${path}[${index}]`, context);
    if (!read.ok) return read;
    if (read.value !== undefined) renames.push(read.value);
  }
  return ok(renames.length === 0 ? undefined : renames);
}

/** Returns undefined for a step that does nothing. The operator does not look at a regexp beside a merge. */
function readStep(
  { regexp, merge }: v.InferOutput<typeof step>,
  at: string,
  { check, isFind }: Context,
): Result<RenameStep | undefined> {
  if (merge !== undefined)
    return isFind ? ok(MERGE) : err(`${at}.merge joins values that are found; name each key in data`);
  if (regexp === undefined) return ok(undefined);
  const { source, target } = regexp;
  // An empty pattern matches between all characters, as this one does.
  const problem = check(source || '()');
  if (problem !== undefined) return err(`${at}.regexp.source ${JSON.stringify(source.slice(0, 80))} ${problem}`);
  if (target.length > LONGEST_PATTERN) return err(`${at}.regexp.target has more than ${LONGEST_PATTERN} characters`);
  return ok({ source: source || '()', target });
}

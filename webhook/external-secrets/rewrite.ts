/** Reads `dataFrom[].rewrite` of an ExternalSecret, which gives keys other names. */
import * as z from 'zod';
import { LONGEST_PATTERN, MOST_STEPS, type RenameStep } from '../../injector/contract/rename.ts';
import type { CheckPattern } from '../declare/patterns.ts';
import { err, ok, type Result } from '../declare/result.ts';

const step = z.strictObject({ regexp: z.strictObject({ source: z.string(), target: z.string() }).optional() });

/** Reads the list as the ExternalSecret has it. */
export const rewrite = z.array(step).default([]);

/** Returns the steps; undefined if there are none, so that the conversion of keys counts. `at` is the path of their entry. */
export function readRewrite(
  steps: z.infer<typeof rewrite>,
  at: string,
  check: CheckPattern,
): Result<readonly RenameStep[] | undefined> {
  if (steps.length === 0) return ok(undefined);
  if (steps.length > MOST_STEPS) return err(`${at}.rewrite has more than ${MOST_STEPS} entries; join some of them`);
  const renames: RenameStep[] = [];
  for (const [index, { regexp }] of steps.entries()) {
    if (regexp === undefined) continue;
    const { source, target } = regexp;
    const path = `${at}.rewrite[${index}].regexp`;
    // An empty pattern matches between all characters, as this one does.
    const problem = check(source || '()');
    if (problem !== undefined) return err(`${path}.source ${JSON.stringify(source.slice(0, 80))} ${problem}`);
    if (target.length > LONGEST_PATTERN) return err(`${path}.target has more than ${LONGEST_PATTERN} characters`);
    renames.push({ source: source || '()', target });
  }
  return ok(renames.length === 0 ? undefined : renames);
}

/** Returns a readable diff of two objects, as YAML lines. */
import { structuredPatch } from 'diff';
import { stringify } from 'yaml';

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** Lines of `after` as a reader of YAML wants them, `+` and `-` in front of what changed, with `context` lines around. */
export function diffLines(before: unknown, after: unknown, context = 2): string[] {
  const { hunks } = structuredPatch('before', 'after', yaml(before), yaml(after), '', '', { context });
  return hunks.flatMap((hunk, index) => (index === 0 ? hunk.lines : ['  …', ...hunk.lines]));
}

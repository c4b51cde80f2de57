/** Says what is wrong with a value that a schema refused, without the value itself, which may be a password or a key. */
import type { BaseIssue } from 'valibot';
import { unknownIn } from './strict.ts';

/** Has each check of a value expect that the checks before it have passed. */
export const CHECKS_IN_TURN = { abortPipeEarly: true };

/** Returns a sentence without its full stop for each problem. It begins with the path of the part, like `objects.0.name`. */
export function problemsIn(issues: readonly BaseIssue<unknown>[], above: readonly string[] = []): string[] {
  return issues.flatMap((issue) => {
    const keys = [...above, ...(issue.path?.map(({ key }) => String(key)) ?? [])];
    const unknown = unknownIn(issue);
    if (unknown) return unknown.map((name) => `${[...keys.slice(0, -1), name].join('.')} is not known`);
    // An option of a union that found something inside of the value is the one that was meant.
    const inside = issue.issues?.filter(({ path }) => path !== undefined) ?? [];
    if (inside.length > 0) return problemsIn(inside, keys);
    return `${keys.join('.') || 'it'} ${problemOf(issue)}`;
  });
}

function problemOf({ kind, type, expected, received, message }: BaseIssue<unknown>): string {
  if (kind === 'schema' && received === 'undefined') return 'is missing';
  // The checks and transformations of our schemas have messages of their own.
  return kind === 'schema' && type !== 'custom' ? `must be ${wordsOf(expected ?? '')}` : message;
}

/** The words for the types of JSON, which the library calls by their names in JavaScript. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};

/** Returns the words for a type, or for several like `(string | Object)`. */
function wordsOf(expected: string): string {
  const types = expected.replaceAll(/[()]/g, '').split(' | ');
  return types.map((type) => TYPES[type] ?? type).join(' or ');
}

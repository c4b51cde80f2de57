/** Says what is wrong with a value that a schema refused, without the value itself, which may be a password or a key. */
import type { BaseIssue } from 'valibot';

/** Returns a sentence without its full stop for each problem. It begins with the path of the part, like `objects.0.name`. */
export function problemsIn(issues: readonly BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => `${issue.path?.map(({ key }) => String(key)).join('.') ?? 'it'} ${problemOf(issue)}`);
}

function problemOf({ kind, expected, received, message }: BaseIssue<unknown>): string {
  // The checks and transformations of our schemas have messages of their own.
  if (kind !== 'schema') return message;
  if (expected === 'never') return 'is not known';
  return received === 'undefined' ? 'is missing' : `must be ${wordsOf(expected ?? '')}`;
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
  const types = expected.replace(/^\(|\)$/g, '').split(' | ');
  return types.map((type) => TYPES[type] ?? type).join(' or ');
}

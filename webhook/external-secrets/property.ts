/** Reads the property of an ExternalSecret's reference, which is a path of gjson. https://github.com/tidwall/gjson/blob/master/SYNTAX.md */
import { quoteKey } from '../../injector/contract/jmespath/meant.ts';
import { err, ok, type Result } from '../declare/result.ts';

/** Matches the characters that mean something else than themselves to gjson. `#` and `\\` are read before. */
const SPECIAL = /[*?|@{}[\]()!<>=%"'`]/;

/**
 * Returns the JMESPath for a property. One with dots is the key of this name where there is one, and a path else, as External
 * Secrets looks for both. The problem is the end of a sentence.
 */
export function jmesPathOf(property: string): Result<string> {
  if (property.includes('\\')) return escapedPath(property);
  if (SPECIAL.test(property)) return unknownPath(property);
  const steps = property.split('.');
  if (steps.includes('')) return ok(quoteKey(property));
  const path = pathOf(steps);
  if (path === undefined) return unknownPath(property);
  // `||` would pass over an empty text, which is a value.
  return ok(steps.length === 1 ? path : `not_null(${quoteKey(property)}, ${path})`);
}

function unknownPath(property: string): Result<never> {
  return err(`is "${property}", and only keys, indexes, dots and # for all elements can be written as JMESPath`);
}

/** Reads a property with backslashes, each of which makes the next character a part of the key. */
function escapedPath(property: string): Result<string> {
  const whole = /^(?:\\.|[^\\])*$/s.test(property);
  const steps = property.match(/(?:\\.|[^\\.])+/gs) ?? [];
  const isPlain = steps.every((one) => !SPECIAL.test(one.replace(/\\./gs, '')) && !one.includes('#'));
  if (!whole || !isPlain || /^\.|\.\.|[^\\]\.$/.test(property)) return unknownPath(property);
  return ok(steps.map((one, index) => step(one.replace(/\\(.)/gs, '$1'), index)).join(''));
}

/** Returns the path through these keys, indexes and `#`; undefined if gjson calculates with them. */
function pathOf(steps: readonly string[]): string | undefined {
  const counts = steps.length > 1 && steps.at(-1) === '#';
  const path = counts ? steps.slice(0, -1) : steps;
  const isEach = path.includes('#');
  if (path.some((one) => one.includes('#') && one !== '#') || (counts && isEach)) return undefined;
  if (steps.length === 1 && isEach) return undefined;
  const text = path.map(step).join('');
  // The number of a text's characters would be its length, too.
  return counts ? `length(${text}[*])` : text;
}

/** Returns the path to a key inside the value of another path. */
export function below(path: string | undefined, key: string): string {
  if (path === undefined) return quoteKey(key);
  return `${path}.${quoteKey(key)}`;
}

function step(text: string, index: number): string {
  if (text === '#') return '[*]';
  if (index > 0 && /^\d+$/.test(text)) return `[${text}]`;
  return index === 0 ? quoteKey(text) : `.${quoteKey(text)}`;
}

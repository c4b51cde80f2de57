/** Reads the property of an ExternalSecret's reference, which is a path of gjson. https://github.com/tidwall/gjson/blob/master/SYNTAX.md */
import { quoteKey } from '../../injector/contract/jmespath/meant.ts';
import { err, ok, type Result } from '../declare/result.ts';

/** Matches the characters that mean something else than themselves to gjson. */
const SPECIAL = /[*?|#@\\{}[\]()!<>=%"'`]/;

/**
 * Returns the JMESPath for a property. One with dots is the key of this name where there is one, and a path else, as External
 * Secrets looks for both. The problem is the end of a sentence.
 */
export function jmesPathOf(property: string): Result<string> {
  if (SPECIAL.test(property)) return err(`is "${property}", and only keys and dots can be written as JMESPath`);
  if (!property.includes('.')) return ok(quoteKey(property));
  const steps = property.split('.');
  if (steps.includes('')) return ok(quoteKey(property));
  // `||` would pass over an empty text, which is a value.
  return ok(`not_null(${quoteKey(property)}, ${steps.map(step).join('')})`);
}

/** Returns the path to a key inside the value of another path. */
export function below(path: string | undefined, key: string): string {
  if (path === undefined) return quoteKey(key);
  return `${path}.${quoteKey(key)}`;
}

function step(text: string, index: number): string {
  if (index > 0 && /^\d+$/.test(text)) return `[${text}]`;
  return index === 0 ? quoteKey(text) : `.${quoteKey(text)}`;
}

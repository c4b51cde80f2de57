/** Compares the names of parameters. */

/**
 * Returns the parameter's name without ARN, selector and leading slash. AWS names a parameter in an answer in another way than
 * the request does, and the two are compared by this name.
 */
export function canonicalParameterName(name: string): string {
  const path = name.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:parameter/, '');
  return path.replace(/:.*$/s, '').replace(/^\//, '');
}

/** JMESPath expressions, as far as they can be judged without a value. */
import jmespath from 'jmespath';

// The published types lack it.
const { compile } = jmespath as unknown as { readonly compile: (expression: string) => unknown };

/** What is wrong with the syntax of an expression, or nothing. The injector judges again, with the value at hand. */
export function jmesPathProblem(expression: string): string | undefined {
  if (expression.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  if (compiles(expression)) return undefined;
  return 'has a JMESPath after "#" that does not compile; put a key with other characters than letters, digits and "_" in double quotes';
}

export function compiles(expression: string): boolean {
  try {
    compile(expression);
    return true;
  } catch {
    return false;
  }
}

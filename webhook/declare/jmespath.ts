/** JMESPath expressions, as far as they can be judged without a value: by the injector's own parser. */
import { compileJmesPath } from '../../injector/config.ts';

/** What is wrong with the syntax of an expression, or nothing. The injector judges again, with the value at hand. */
export function jmesPathProblem(expression: string): string | undefined {
  if (expression.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  const compiled = compileJmesPath(expression);
  if (compiled.ok) return undefined;
  if (compiled.cause !== undefined) return `has a JMESPath after "#" that is refused: ${compiled.cause}`;
  return 'has a JMESPath after "#" that does not compile; put a key with other characters than letters, digits and "_" in double quotes';
}

/** Whether go-jmespath would compile the expression. */
export function compiles(expression: string): boolean {
  return compileJmesPath(expression).ok;
}

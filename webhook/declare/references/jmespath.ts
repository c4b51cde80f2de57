/** JMESPath expressions, as far as they can be judged without a value: by the injector's own parser. */
import { compileJmesPath } from '../../../injector/config.ts';
import { echo } from '../echo.ts';

/** What is wrong with the syntax of an expression, or nothing. The injector judges again, with the value at hand. */
export function jmesPathProblem(expression: string): string | undefined {
  if (expression.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  const fix = jmesPathFix(expression);
  return fix === undefined ? undefined : `has a JMESPath after "#" that does not compile; ${fix}`;
}

/** What to write instead where go-jmespath would not compile the expression, or where it is longer than the injector takes. */
export function jmesPathFix(expression: string): string | undefined {
  const compiled = compileJmesPath(expression);
  if (compiled.ok) return undefined;
  if (compiled.limit !== undefined) return `shorten it: ${compiled.limit}`;
  if (compiled.meant !== undefined) return `did you mean '${echo(compiled.meant)}'?`;
  return 'put a key with other characters than letters, digits and "_" in double quotes';
}

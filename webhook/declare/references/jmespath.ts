/** JMESPath expressions, as far as they can be judged without a value: by the injector's own parser. */
import { compileJmesPath } from '../../../injector/config.ts';
import { echo } from '../echo.ts';

/** Returns what is wrong with the syntax of an expression, or undefined. The injector checks the expression again with the value. */
export function jmesPathProblem(expression: string): string | undefined {
  if (expression.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  const fix = jmesPathFix(expression);
  return fix === undefined ? undefined : `has a JMESPath after "#" that does not compile; ${fix}`;
}

/** Returns what to write instead of an expression that go-jmespath does not compile, or that is too long for the injector; else undefined. */
export function jmesPathFix(expression: string): string | undefined {
  const compiled = compileJmesPath(expression);
  if (compiled.ok) return undefined;
  if (compiled.limit !== undefined) return `shorten it: ${compiled.limit}`;
  if (compiled.meant !== undefined) return `did you mean '${echo(compiled.meant)}'?`;
  return 'put a key with other characters than letters, digits and "_" in double quotes';
}

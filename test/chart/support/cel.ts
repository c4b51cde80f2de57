/** The chart's CEL conditions, evaluated as the API server does it. */
import { Environment } from '@marcbachmann/cel-js';

type Condition = { readonly name: string; readonly expression: string };

/**
 * Returns whether all conditions hold. A false one decides, whatever the others are; otherwise one that fails refuses the
 * request (failurePolicy Fail).
 */
export function outcomeOf(
  conditions: readonly Condition[] = [],
  object: object,
  user?: string,
): 'matches' | 'skipped' | 'refused' {
  const results = conditions.map(({ expression }) => evaluate(expression, object, user));
  if (results.includes(false)) return 'skipped';
  return results.every((result) => result === true) ? 'matches' : 'refused';
}

/** Returns undefined where the expression fails, or is no condition. The object is created by `user`, or by nobody who is named. */
export function evaluate(expression: string, object: object, user?: string): boolean | undefined {
  try {
    const environment = new Environment().registerVariable('object', 'map').registerVariable('request', 'map');
    const request = { userInfo: user === undefined ? {} : { username: user } };
    const result: unknown = environment.evaluate(expression, { object, request });
    return typeof result === 'boolean' ? result : undefined;
  } catch {
    return undefined;
  }
}

/** Evaluates the conditions of a webhook's configuration as the API server does, on a pod. */
import { Environment } from '@marcbachmann/cel-js';

/**
 * Returns whether the expression is true for the pod, as if `user` created it. Undefined means that it could not be evaluated:
 * it fails for this pod, or asks for something that only the API server knows.
 */
export function holds(expression: string, pod: object, user: string): boolean | undefined {
  try {
    const environment = new Environment().registerVariable('object', 'map').registerVariable('request', 'map');
    const result: unknown = environment.evaluate(expression, {
      object: pod,
      request: { userInfo: { username: user }, operation: 'CREATE' },
    });
    return typeof result === 'boolean' ? result : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks the size of variables before Linux does: a process with more than these limits does not start (E2BIG), and the error
 * names no variable.
 */
import type { Failure } from '../errors.ts';
import type { Problem, Variable } from './variable.ts';

/** One variable has at most so many bytes with its name: MAX_ARG_STRLEN is 128 KiB, with the NUL at the end. */
export const VARIABLE_LIMIT = 128 * 1024 - 1;

/**
 * All variables together have at most so many bytes. Arguments and variables share a quarter of the stack's limit, which is 2
 * MiB if that limit is the usual 8; the app has variables of its own too.
 */
export const TOTAL_LIMIT = 1024 * 1024;

const LARGEST_SHOWN = 3;

/** Returns why no process can have this variable, or undefined if one can. */
export function sizeProblem({ name, value }: Variable): Problem | undefined {
  const size = sizeOf({ name, value });
  if (size <= VARIABLE_LIMIT) return undefined;
  const cause = `With its name it has ${size} bytes, and Linux takes ${VARIABLE_LIMIT}.`;
  return { code: 'ASI_ENV_SIZE', cause, fix: 'Write it to a file of its own (files).' };
}

/** Returns a failure with the names of the largest variables if all of them together have too many bytes. */
export function totalFailure(variables: readonly Variable[]): Failure[] {
  const total = variables.reduce((sum, variable) => sum + sizeOf(variable) + 1, 0);
  if (total <= TOTAL_LIMIT) return [];
  const largest = [...variables].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, LARGEST_SHOWN);
  const headline = `The ${variables.length} variables have ${total} bytes together; ${TOTAL_LIMIT} are safe.`;
  const cause = `The largest: ${largest.map((variable) => `${variable.name} (${sizeOf(variable)} bytes)`).join(', ')}.`;
  return [{ code: 'ASI_ENV_SIZE', subject: 'env', headline, cause }];
}

function sizeOf({ name, value }: Variable): number {
  return Buffer.byteLength(name) + 1 + value.length;
}

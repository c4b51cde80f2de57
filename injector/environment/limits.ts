/** What Linux lets a process start with. Beyond it exec fails with E2BIG, and names nothing. */
import type { Failure } from '../errors.ts';
import type { Problem, Variable } from './variable.ts';

/** MAX_ARG_STRLEN is 128 KiB, with the NUL at the end. */
export const VARIABLE_LIMIT = 128 * 1024 - 1;

/** Arguments and variables share a quarter of the stack's limit, 2 MiB where it is the usual 8; the app has its own too. */
export const TOTAL_LIMIT = 1024 * 1024;

const LARGEST_SHOWN = 3;

/** Why no process can have this variable; undefined where one can. */
export function sizeProblem({ name, value }: Variable): Problem | undefined {
  const size = sizeOf({ name, value });
  if (size <= VARIABLE_LIMIT) return undefined;
  const cause = `With its name it has ${size} bytes, and Linux takes ${VARIABLE_LIMIT}.`;
  return { code: 'ASI_ENV_SIZE', cause, fix: 'Write it to a file of its own (files).' };
}

/** The failure where all of them together are too many bytes, with the names of the largest. */
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

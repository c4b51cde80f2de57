/**
 * Writes text for POSIX shells. Between single quotes no character is special, and a single quote itself is written outside of
 * them.
 */
import { SHELL_KEEP } from '../contract/names.ts';
import { isIdentifier, isOwnedByShells } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { sizeProblem, totalFailure } from './limits.ts';
import { INSTEAD_OF_SECRET, notIdentifier, notText, type Problem, textOf, type Variable, withNul } from './variable.ts';

/** Returns the text as one word of a shell. The text must not have a NUL. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns `NAME='value'`, or why it can not be written. */
export function assignment(name: string, value: string): string | Problem {
  if (!isIdentifier(name)) return notIdentifier();
  if (isOwnedByShells(name))
    return { code: 'ASI_OUT_NAME', cause: 'The name belongs to the shell, which sets it itself.' };
  if (value.includes('\0')) return withNul();
  return `${name}=${quote(value)}`;
}

/**
 * Returns the file that a container sources before its command. It exports each variable that the container does not set
 * itself.
 */
export function encodeShellFile(variables: readonly Variable[]): { content: Secret; failures: Failure[] } {
  const lines: string[] = [];
  const failures: Failure[] = [];
  for (const variable of variables) {
    const line = guarded(variable);
    if (typeof line === 'string') lines.push(line);
    else failures.push(failure(variable, line));
  }
  return { content: new Secret(lines.join('')), failures: [...failures, ...totalFailure(variables)] };
}

function guarded(variable: Variable): string | Problem {
  const { name, value } = variable;
  const text = textOf(value);
  if (text === undefined) return notText();
  const assigned = sizeProblem(variable) ?? assignment(name, text);
  return typeof assigned === 'string'
    ? `case "\${${SHELL_KEEP}-}" in *' ${name} '*) ;; *) export ${assigned} ;; esac\n`
    : assigned;
}

function failure({ name, replaces }: Variable, problem: Problem): Failure {
  const variable = `the variable ${JSON.stringify(name)}`;
  const headline = `A shell can not give ${variable} to its command.`;
  if (replaces === undefined) {
    const fix =
      problem.code === 'ASI_OUT_NAME' ? { fix: 'Rename the variable or key, or give env-from a prefix.' } : {};
    return { subject: name, headline, ...fix, ...problem };
  }
  const { container, secretName } = replaces;
  const from = `${variable} of container ${JSON.stringify(container)}, from the Secret ${JSON.stringify(secretName)},`;
  return {
    subject: name,
    ...problem,
    headline: `A shell can not set ${from} for its command.`,
    fix: `${INSTEAD_OF_SECRET}.`,
  };
}

/**
 * Writes text for POSIX shells. Between single quotes no character is special, and a single quote itself is written outside of
 * them.
 */
import { SHELL_KEEP } from '../contract/names.ts';
import { isIdentifier } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { sizeProblem, totalFailure } from './limits.ts';
import { notIdentifier, notText, type Problem, textOf, type Variable, withNul } from './variable.ts';

/**
 * Lists the variables that a shell sets itself. bash fails on assignments to some, puts another value into others, and
 * evaluates what is assigned to its numbers; dash fails on OPTIND.
 */
const OWNED = new Set(
  `BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO BASH_MONOSECONDS
  BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO
  OPTIND PIPESTATUS PPID RANDOM SECONDS SHELLOPTS SHLVL SRANDOM UID _ ${SHELL_KEEP}`.split(/\s+/),
);

/** Returns the text as one word of a shell. The text must not have a NUL. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns `NAME='value'`, or why it can not be written. */
export function assignment(name: string, value: string): string | Problem {
  if (!isIdentifier(name)) return notIdentifier();
  if (OWNED.has(name)) return { code: 'ASI_OUT_NAME', cause: 'The name belongs to the shell, which sets it itself.' };
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
    else failures.push(failure(variable.name, line));
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

function failure(name: string, problem: Problem): Failure {
  const headline = `A shell can not give the variable ${JSON.stringify(name)} to its command.`;
  const fix = problem.code === 'ASI_OUT_NAME' ? { fix: 'Rename the variable or key, or give env-from a prefix.' } : {};
  return { subject: name, headline, ...fix, ...problem };
}

/**
 * Writes variables as the text of an env file, in each of the four formats. A variable that a format can not express is refused
 * by name.
 */
import type { EnvFileFormat } from '../contract/env-file-formats.ts';
import { isIdentifier, LINE_LIMIT } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { assignment } from './shell.ts';
import { nameProblem, notIdentifier, notText, type Problem, textOf, type Variable, withNul } from './variable.ts';

/** Returns the text of one variable, or why it can not be written. */
type Writer = (name: string, value: string) => string | Problem;

const WRITERS: Record<EnvFileFormat, Writer> = { shell, dotenv, docker, json };

/** Returns the content of the file, and a failure for every variable that it can not hold. */
export function encodeEnvFile(
  format: EnvFileFormat,
  variables: readonly Variable[],
): { content: Secret; failures: Failure[] } {
  const lines: string[] = [];
  const failures: Failure[] = [];
  for (const { name, value } of variables) {
    const line = encode(format, name, value);
    if (typeof line === 'string') lines.push(line);
    else failures.push(failure(format, name, line));
  }
  const text = format === 'json' ? `{${lines.map((line) => `\n  ${line}`).join(',')}\n}\n` : lines.join('');
  return { content: new Secret(text), failures };
}

/** Returns why the format has no way to write a variable of this name; undefined if it has. */
export function envFileNameProblem(format: EnvFileFormat, name: string): Problem | undefined {
  const line = WRITERS[format](name, '');
  return typeof line === 'string' ? undefined : line;
}

function encode(format: EnvFileFormat, name: string, value: Secret): string | Problem {
  const text = textOf(value);
  return text === undefined ? notText() : WRITERS[format](name, text);
}

/** Writes a variable for `set -a; . file` in any POSIX shell. */
function shell(name: string, value: string): string | Problem {
  const assigned = assignment(name, value);
  return typeof assigned === 'string' ? `${assigned}\n` : assigned;
}

/**
 * Writes a variable for Node's `--env-file` and `util.parseEnv`, in a form that other readers agree with: single quotes first,
 * and double quotes only if nothing has to be escaped or would be expanded. Backticks are the last resort, which Node and
 * dotenv for JavaScript read. python-dotenv expands `${…}` unless `interpolate=False` is set, halves `\\` even in single
 * quotes, and does not read backticks.
 */
function dotenv(name: string, value: string): string | Problem {
  if (!isIdentifier(name)) return notIdentifier();
  if (value.includes('\0')) return withNul();
  if (value.includes('\r'))
    return { code: 'ASI_OUT_VALUE', cause: 'Readers of dotenv drop the carriage return in the value.' };
  if (!value.includes("'")) return `${name}='${value}'\n`;
  if (!/["\\$`]/.test(value)) return `${name}="${value}"\n`;
  if (!value.includes('`')) return `${name}=\`${value}\`\n`;
  const cause = 'The value has single quotes and backticks, and dotenv has no escapes that all its readers know.';
  return { code: 'ASI_OUT_VALUE', cause };
}

/** Writes a variable for `docker run --env-file`, which has no quotes and no escapes: the value is the rest of the line. */
function docker(name: string, value: string): string | Problem {
  const badName = nameProblem(name);
  if (badName !== undefined) return { code: 'ASI_OUT_NAME', cause: badName };
  if (value.includes('\0')) return withNul();
  if (/\n|\r$/.test(value))
    return { code: 'ASI_OUT_VALUE', cause: 'The value has a line break, and a line is all there is.' };
  const line = `${name}=${value}`;
  if (Buffer.byteLength(line) > LINE_LIMIT) {
    return { code: 'ASI_OUT_VALUE', cause: `The line would be longer than ${LINE_LIMIT} bytes.` };
  }
  return `${line}\n`;
}

function json(name: string, value: string): string {
  return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

function failure(format: EnvFileFormat, name: string, problem: Problem): Failure {
  const headline = `The variable ${JSON.stringify(name)} can not be written in the format ${format}.`;
  return { subject: name, headline, ...problem };
}

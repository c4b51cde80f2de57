/**
 * Writes variables as the text of an env file, in each of the formats. A variable that a format can not express is refused
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

const WRITERS: Record<EnvFileFormat, Writer> = { shell, dotenv, 'python-dotenv': pythonDotenv, docker, json };

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

/** Matches values that all readers of dotenv files take without quotes. */
const BARE = /^[\w./:@%+,=~\\-]+$/;

/**
 * Writes a variable for Node's `--env-file` and `util.parseEnv` and for dotenv for JavaScript: single quotes first, and double
 * quotes only if nothing has to be escaped or would be expanded. Backticks are the last resort: other readers do not know them.
 */
function dotenv(name: string, value: string): string | Problem {
  const problem = dotenvProblem(name, value);
  if (problem !== undefined) return problem;
  if (name === '__proto__') return { code: 'ASI_OUT_NAME', cause: 'Readers of dotenv in JavaScript lose this name.' };
  if (value.endsWith('\\')) return bare(name, value);
  if (!value.includes("'")) return `${name}='${value}'\n`;
  if (!/["\\$`]/.test(value)) return `${name}="${value}"\n`;
  if (!value.includes('`')) return `${name}=\`${value}\`\n`;
  const cause = 'The value has single quotes and backticks, and dotenv has no escapes that all its readers know.';
  return { code: 'ASI_OUT_VALUE', cause };
}

/**
 * Writes a variable for python-dotenv, which reads `\\` and `\'` as escapes between single quotes, and expands `${…}` in every value.
 */
function pythonDotenv(name: string, value: string): string | Problem {
  const problem = dotenvProblem(name, value);
  if (problem !== undefined) return problem;
  if (/\$\{/.test(value))
    return { code: 'ASI_OUT_VALUE', cause: 'The value has a dollar sign before a brace, which python-dotenv expands.' };
  if (!value.endsWith('\\')) return `${name}='${value.replace(/[\\']/g, '\\$&')}'\n`;
  return bare(name, value);
}

/** Writes a value that ends in a backslash. Before a closing quote, the backslash would make the quote a part of the value. */
function bare(name: string, value: string): string | Problem {
  if (BARE.test(value)) return `${name}=${value}\n`;
  const cause =
    'The value ends in a backslash, which readers of dotenv take only behind letters, digits and ./:@%+,=~-_.';
  return { code: 'ASI_OUT_VALUE', cause };
}

/** Returns why no reader of dotenv files takes the variable; undefined if some do. */
function dotenvProblem(name: string, value: string): Problem | undefined {
  if (!isIdentifier(name)) return notIdentifier();
  if (value.includes('\0')) return withNul();
  if (!value.includes('\r')) return undefined;
  return { code: 'ASI_OUT_VALUE', cause: 'Readers of dotenv drop the carriage return in the value.' };
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

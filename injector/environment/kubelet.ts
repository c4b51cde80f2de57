/** Writes variables as files that the kubelet reads, one each. injector/contract/variables.ts has the kubelet's grammar. */
import { SENTINEL } from '../contract/names.ts';
import { type KubeletProblem, kubeletLine, kubeletProblem, LINE_LIMIT } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { sizeProblem, totalFailure } from './limits.ts';
import { nameProblem, type Problem, textOf, type Variable } from './variable.ts';

/** Describes a variable for the kubelet: the file that holds it, and what replaces a value that can not be written. */
export type KubeletEntry = {
  readonly path: string;
  readonly key: string;
  /** The value, or undefined if it does not exist and is optional. */
  readonly value: Secret | undefined;
  readonly optional: boolean;
  readonly default: string | undefined;
};

export type KubeletFiles = {
  readonly files: { path: string; content: Secret }[];
  readonly failures: Failure[];
  /** A line for each value that can not be written, with what replaces it. */
  readonly warnings: string[];
};

const INSTEAD = 'Set the annotation aws-secrets-injector.dev/env-delivery: shell, which carries it';
const NO_QUOTES = ', or exclude the quote where the password is generated (ExcludeCharacters of GetRandomPassword)';

const BYTES = 'Write it to a file of its own (files): no environment variable can hold it.';

/** Has the cause and the fix of each problem, as sentences. */
const PROBLEMS: Record<KubeletProblem, readonly [cause: string, fix: string]> = {
  nul: ['The value has a NUL.', BYTES],
  empty: ['The value is empty, which the kubelet takes as missing.', `${INSTEAD}.`],
  'single-quote': ["The value has a single quote, and the kubelet's grammar no escape.", `${INSTEAD}${NO_QUOTES}.`],
  'windows-line-end': ['The kubelet would make \\n of \\r\\n in the value.', `${INSTEAD}.`],
  'long-line': [`The value has a line that would be longer than ${LINE_LIMIT} bytes with its name.`, `${INSTEAD}.`],
};

/** Returns a file for each entry. An empty file leaves the variable unset if its reference is optional. */
export function kubeletFiles(entries: readonly KubeletEntry[]): KubeletFiles {
  const result: KubeletFiles = { files: [], failures: [], warnings: [] };
  const delivered: Variable[] = [];
  for (const entry of entries) {
    const value = deliverable(entry, result);
    if (value === 'refused') continue;
    const line = value === 'nothing' ? '' : encode(entry.key, value);
    if (value !== 'nothing') delivered.push({ name: entry.key, value });
    if (typeof line === 'string') result.files.push({ path: entry.path, content: new Secret(line) });
  }
  result.failures.push(...totalFailure(delivered));
  return result;
}

/** Returns the file that proves to the next container that the kubelet of this node delivers variables from files. */
export function sentinelFile(): { path: string; content: Secret } {
  return { path: SENTINEL.path, content: new Secret(kubeletLine(SENTINEL.key, SENTINEL.value)) };
}

/** Returns the failure of the container that has the sentinel in its environment, and none if the kubelet delivered it. */
export function sentinelFailures(value: string | undefined): Failure[] {
  if (value === SENTINEL.value) return [];
  const headline = 'The variables of this pod can not be delivered on this node.';
  return [{ code: 'ASI_ENV_UNSUPPORTED', subject: 'node', headline }];
}

/**
 * Returns the value, or its default if the kubelet can not deliver it; 'nothing' if the variable is left out. Adds the warning
 * or the failure to the result.
 */
function deliverable({ key, value, ...entry }: KubeletEntry, result: KubeletFiles): Secret | 'nothing' | 'refused' {
  if (value === undefined) return 'nothing';
  const problem = problemOf(key, value);
  if (problem === undefined) return value;
  const named = `The variable ${JSON.stringify(key)}`;
  const isLenient = problem.code !== 'ASI_ENV_SIZE' && nameProblem(key) === undefined;
  const standIn = entry.default === undefined ? undefined : new Secret(entry.default);
  if (isLenient && standIn !== undefined && problemOf(key, standIn) === undefined) {
    result.warnings.push(`${named} has its default, as its value can not be delivered. ${problem.cause}`);
    return standIn;
  }
  if (isLenient && entry.optional) {
    result.warnings.push(`${named} is left out, as its value can not be delivered. ${problem.cause}`);
    return 'nothing';
  }
  result.failures.push({ subject: key, headline: `${named} can not be delivered by the kubelet.`, ...problem });
  return 'refused';
}

function problemOf(key: string, value: Secret): Problem | undefined {
  const line = encode(key, value);
  return typeof line === 'string' ? undefined : line;
}

function encode(key: string, value: Secret): string | Problem {
  const badName = nameProblem(key);
  if (badName !== undefined) return refused(badName);
  const tooLarge = sizeProblem({ name: key, value });
  if (tooLarge !== undefined) return tooLarge;
  const text = textOf(value);
  if (text === undefined) return refused('The value is not UTF-8 text.', BYTES);
  const problem = kubeletProblem(key, text);
  return problem === undefined ? kubeletLine(key, text) : refused(...PROBLEMS[problem]);
}

function refused(cause: string, fix?: string): Problem {
  return { code: 'ASI_ENV_VALUE', cause, ...(fix === undefined ? {} : { fix }) };
}

/** Writes variables as files that the kubelet reads, one each. injector/contract/variables.ts has the kubelet's grammar. */
import { SENTINEL } from '../contract/names.ts';
import { syncedFrom } from '../contract/synced.ts';
import { type KubeletProblem, kubeletLine, kubeletProblem, LINE_LIMIT } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { sizeProblem, totalFailure } from './limits.ts';
import { nameProblem, type Problem, textOf, type Variable } from './variable.ts';

/** A variable for the kubelet: the file that has it, and its name inside the file. */
export type KubeletEntry = {
  readonly path: string;
  readonly key: string;
  /** Undefined if the value does not exist and the variable is optional. */
  readonly value: Secret | undefined;
};

export type KubeletFiles = {
  readonly files: { path: string; content: Secret }[];
  readonly failures: Failure[];
};

const INSTEAD =
  'Where the container has a command in the pod, set aws-secrets-injector.dev/env-delivery: shell, which carries it; ' +
  'else deliver it as a file (aws-secrets-injector.dev/files)';

/** Says what is left for the references of containers to a Secret of a class, which no annotation declares. */
function insteadOfSecret(name: string): string {
  return (
    `Let the containers read the file of the class; or take their references to the Secret ${JSON.stringify(name)} out of the pod, and ` +
    'declare the variables in aws-secrets-injector.dev/env with env-delivery: shell, for which a container needs a command in the pod'
  );
}

const NO_QUOTES = ', or exclude the quote where the password is generated (ExcludeCharacters of GetRandomPassword)';

const BYTES = 'Write it to a file of its own (files): no environment variable can hold it.';

const CAUSES: Record<KubeletProblem, string> = {
  nul: 'The value has a NUL.',
  empty: 'The value is empty, which the kubelet takes as missing.',
  'single-quote': "The value has a single quote, and the kubelet's grammar no escape.",
  'windows-line-end': 'The kubelet would make \\n of \\r\\n in the value.',
  'long-line': `The value has a line that would be longer than ${LINE_LIMIT} bytes with its name.`,
};

/** Returns what the user can do about a problem. `instead` says how else the value can reach the container. */
function fixOf(problem: KubeletProblem, instead: string): string {
  if (problem === 'nul') return BYTES;
  return `${instead}${problem === 'single-quote' ? NO_QUOTES : ''}.`;
}

/**
 * Returns a file for each entry; an empty one leaves the variable unset if its reference is optional. A value that exists and that
 * the kubelet can not read is a failure, also of a variable that is optional or has a default: those speak of what does not exist.
 */
export function kubeletFiles(entries: readonly KubeletEntry[]): KubeletFiles {
  const result: KubeletFiles = { files: [], failures: [] };
  const delivered: Variable[] = [];
  for (const { path, key, value } of entries) {
    const secret = syncedFrom(path);
    const instead = secret ? insteadOfSecret(secret.name) : INSTEAD;
    const line = value === undefined ? '' : encode(key, value, instead);
    if (typeof line === 'string') {
      result.files.push({ path, content: new Secret(line) });
      if (value !== undefined) delivered.push({ name: key, value });
      continue;
    }
    const what = secret
      ? `The key ${JSON.stringify(key)} of the Secret ${JSON.stringify(secret.name)}`
      : `The variable ${JSON.stringify(key)}`;
    const headline = `${what} can not be delivered by the kubelet.`;
    result.failures.push({ subject: key, headline, ...line });
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

function encode(key: string, value: Secret, instead: string): string | Problem {
  const badName = nameProblem(key);
  if (badName !== undefined) return refused(badName);
  const tooLarge = sizeProblem({ name: key, value });
  if (tooLarge !== undefined) return tooLarge;
  const text = textOf(value);
  if (text === undefined) return refused('The value is not UTF-8 text.', BYTES);
  const problem = kubeletProblem(key, text);
  return problem === undefined ? kubeletLine(key, text) : refused(CAUSES[problem], fixOf(problem, instead));
}

function refused(cause: string, fix?: string): Problem {
  return { code: 'ASI_ENV_VALUE', cause, ...(fix === undefined ? {} : { fix }) };
}

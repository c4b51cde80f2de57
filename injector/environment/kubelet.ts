/** Writes variables as files that the kubelet reads, one each. injector/contract/variables.ts has the kubelet's grammar. */
import type { ConfigObject } from '../contract/config.ts';
import { SENTINEL } from '../contract/names.ts';
import { syncedFrom } from '../contract/synced.ts';
import { type KubeletProblem, kubeletLine, kubeletProblem, LINE_LIMIT } from '../contract/variables.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { sizeProblem, totalFailure } from './limits.ts';
import { INSTEAD_OF_SECRET, nameProblem, type Problem, textOf, type Variable } from './variable.ts';

/** A variable for the kubelet: the file that has it, and its name inside the file. */
export type KubeletEntry = {
  readonly path: string;
  readonly key: string;
  /** Undefined if the value does not exist and the variable is optional. */
  readonly value: Secret | undefined;
  /** Some of the variables that the file is for, if it replaces a key of a synced Secret. */
  readonly readers?: Readers | undefined;
};

type Readers = NonNullable<NonNullable<ConfigObject['environment']>[number]['readers']>;

export type KubeletFiles = {
  readonly files: { path: string; content: Secret }[];
  readonly failures: Failure[];
};

/** Says how `env-delivery: shell` can be had. The webhook refuses it for a container without a command in the pod. */
const BY_SHELL =
  'Set aws-secrets-injector.dev/env-delivery: shell, which carries it. Each container that gets variables needs a command in the pod for that: ' +
  'where it has none, write the ENTRYPOINT and CMD of its image there';

const NO_QUOTES = 'exclude the quote where the password is generated (ExcludeCharacters of GetRandomPassword)';

const BYTES = 'no environment variable can hold it';

const CAUSES: Record<KubeletProblem, string> = {
  nul: 'The value has a NUL.',
  empty: 'The value is empty, which the kubelet takes as missing.',
  'single-quote': "The value has a single quote, and the kubelet's grammar no escape.",
  'windows-line-end': 'The kubelet would make \\n of \\r\\n in the value.',
  'long-line': `The value has a line that would be longer than ${LINE_LIMIT} bytes with its name.`,
};

/**
 * Returns a file for each entry; an empty one leaves the variable unset if its reference is optional. A value that exists and that
 * the kubelet can not read is a failure, also of a variable that is optional or has a default: those speak of what does not exist.
 * `delivery` is that of the pod: with `shell`, the kubelet sets only what no shell could set.
 */
export function kubeletFiles(entries: readonly KubeletEntry[], delivery: 'kubelet' | 'shell'): KubeletFiles {
  const result: KubeletFiles = { files: [], failures: [] };
  const delivered: Variable[] = [];
  for (const entry of entries) {
    const { path, key, value } = entry;
    const line = value === undefined ? '' : encode(key, value);
    if (typeof line === 'string') {
      result.files.push({ path, content: new Secret(line) });
      if (value !== undefined) delivered.push({ name: key, value });
      continue;
    }
    const headline = `${describe(entry)} can not be delivered by the kubelet.`;
    result.failures.push({ subject: key, headline, ...problemOf(line, entry, delivery) });
  }
  result.failures.push(...totalFailure(delivered));
  return result;
}

/** Returns the subject of a sentence: the variable, and for a synced Secret the containers that read it and what they refer to. */
function describe({ path, key, readers = [] }: KubeletEntry): string {
  const secret = syncedFrom(path);
  if (secret === undefined) return `The variable ${JSON.stringify(key)}`;
  const from = `the key ${JSON.stringify(key)} of the Secret ${JSON.stringify(secret.name)}`;
  if (readers.length === 0) return from.replace('the', 'The');
  const names = readers.map(
    ({ container, variable }) => `${JSON.stringify(variable)} of container ${JSON.stringify(container)}`,
  );
  return `The variable ${names.join(' and ')}, from ${from},`;
}

/** Says why the kubelet does not bring a value to the container. `isBytes` is true for what no variable can hold. */
type Refused = { readonly cause: string; readonly isBytes?: boolean; readonly hasQuote?: boolean };

function problemOf(problem: Problem | Refused, entry: KubeletEntry, delivery: 'kubelet' | 'shell'): Problem {
  if ('code' in problem) return problem;
  const { cause, isBytes = false, hasQuote = false } = problem;
  const { path, readers = [] } = entry;
  const isSynced = syncedFrom(path) !== undefined;
  const byShell =
    !isBytes && delivery === 'kubelet' && (!isSynced || (readers.length > 0 && readers.every(({ shell }) => shell)));
  const file = isSynced ? INSTEAD_OF_SECRET : 'Deliver it as a file (aws-secrets-injector.dev/files)';
  const ways = [
    ...(byShell ? [BY_SHELL] : []),
    ...(isBytes ? [`${file}: ${BYTES}`] : [file]),
    ...(hasQuote ? [NO_QUOTES] : []),
  ];
  const [first = '', ...others] = ways;
  const fix = [first, ...others.map((way) => way.charAt(0).toLowerCase() + way.slice(1))].join('; or ');
  return { code: 'ASI_ENV_VALUE', cause, fix: `${fix}.` };
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

function encode(key: string, value: Secret): string | Problem | Refused {
  const badName = nameProblem(key);
  if (badName !== undefined) return { code: 'ASI_ENV_VALUE', cause: badName };
  const tooLarge = sizeProblem({ name: key, value });
  if (tooLarge !== undefined) return tooLarge;
  const text = textOf(value);
  if (text === undefined) return { cause: 'The value is not UTF-8 text.', isBytes: true };
  const problem = kubeletProblem(key, text);
  if (problem === undefined) return kubeletLine(key, text);
  return { cause: CAUSES[problem], isBytes: problem === 'nul', hasQuote: problem === 'single-quote' };
}

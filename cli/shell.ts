/** Defines what a command is given of the process that it runs in. */
import type { Provider } from './check/oidc.ts';
import type { Answer, Cluster, ClusterOptions } from './cluster/cluster.ts';

/** One text to read manifests from. It is read when it is needed, so that a thousand files are not in memory at once. */
export type Input = {
  /** The path of the file as a message shows it; `-` for standard input. */
  readonly name: string;
  readonly read: () => string;
};

export type Shell = {
  /** Returns the texts that `-f` names. Throws a {@link UsageError} where a file can not be read. */
  readonly inputs: (names: readonly string[]) => readonly Input[];
  /** Returns the cluster of the user's kubeconfig. Throws a {@link UsageError} if it names none. */
  readonly cluster: (options: ClusterOptions) => Promise<Cluster>;
  /** Returns the IAM OIDC provider for an issuer of tokens, as far as the AWS credentials of the user let it be seen. */
  readonly provider: (issuer: string) => Promise<Answer<Provider>>;
  /** Writes to standard output, where the result goes and nothing else. */
  readonly out: (text: string | Uint8Array) => void;
  /** Writes a file in the place of the one that is there. Throws a {@link UsageError} if that fails. */
  readonly write: (path: string, text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Writes a line about what is going on to standard error, if that is a terminal and the command takes longer than a second. */
  readonly progress: (text: string) => void;
  readonly now: () => Date;
  /** Waits for these milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** True if standard output is a terminal that shows colours. */
  readonly colors: boolean;
  /** The variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True if standard input is a terminal, which sends its signals to a command that is started, too. */
  readonly isTerminal: boolean;
};

/** The exit codes of every command. */
export const EXIT = { fine: 0, findings: 1, usage: 2 } as const;

/** Runs a command with the options that the user gave, and returns its exit code. */
export type Run<Options> = (options: Options, shell: Shell) => Promise<number>;

/** Says that the program was called in a wrong way: an option, a file or a text is not what it has to be. The exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

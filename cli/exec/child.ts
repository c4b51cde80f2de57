/** Runs the command of a user in the place of this process, as far as one process can stand in for another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

export type Environment = Readonly<Record<string, string | undefined>>;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** A terminal sends these to the command itself, too. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** The exit codes of POSIX shells for a command that is not there, and for one that can not be started. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;

export type Ended = {
  readonly code: number;
  /** Says why the command did not start; absent if it did. */
  readonly problem?: string;
};

/**
 * Runs the command and returns its exit code: 128 and the signal's number if a signal ended it, as a shell does. Signals are
 * passed on to it. `prepare` returns its environment; a signal that comes meanwhile reaches the command, too, so that the caller
 * can undo in any case what it prepared.
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  prepare: () => Environment,
  isTerminal: boolean,
): Promise<Ended> {
  let child: ChildProcess | undefined;
  const pass = (signal: NodeJS.Signals) => {
    if (!isTerminal || !FROM_TERMINAL.includes(signal)) child?.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    child = spawn(file, args, { stdio: 'inherit', env: prepare() });
    return await endOf(child, file);
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

function endOf(child: ChildProcess, file: string): Promise<Ended> {
  return new Promise((resolve) => {
    child.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => {
      const [number, why] = code === 'ENOENT' ? [NOT_FOUND, 'there is no such program'] : [NOT_STARTED, code];
      resolve({ code: number, problem: `${file} can not be started: ${why}.` });
    });
    child.on('exit', (code, signal) =>
      resolve({ code: signal === null ? (code ?? 0) : 128 + constants.signals[signal] }),
    );
  });
}

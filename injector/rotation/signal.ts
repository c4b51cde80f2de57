/** Sends a signal to the main process of each container that mounts the files. */
import { readdirSync, readFileSync } from 'node:fs';
import { STATE_DIRECTORY } from '../contract/rotation.ts';
import { mainProcesses, type Process } from './processes.ts';

/** Counts the processes that got the signal. `errors` has the system's code for each other one, like EPERM for one of another uid. */
export type Signalled = { readonly sent: number; readonly errors: readonly string[] };

/** Signals the containers that mount one of the directories. A container that is just being started again has no process. */
export function signalContainers(signal: string, directories: readonly string[]): Signalled {
  const own = textOf('self', 'mountinfo') ?? '';
  const pids = mainProcesses(readProcesses(), { own, directories, state: STATE_DIRECTORY });
  const errors: string[] = [];
  for (const pid of pids) {
    try {
      process.kill(pid, `SIG${signal}`);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      // ESRCH: it has ended since it was found.
      if (code !== 'ESRCH') errors.push(code);
    }
  }
  return { sent: pids.length - errors.length, errors };
}

function readProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [stat, mountinfo] = [textOf(name, 'stat'), textOf(name, 'mountinfo')];
      return stat === undefined || mountinfo === undefined ? [] : [{ pid: Number(name), stat, mountinfo }];
    });
}

/** Returns the text of a file of a process, or undefined if the process has ended. */
function textOf(pid: string, file: 'stat' | 'mountinfo'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

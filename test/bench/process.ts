/** Measures programs from outside, by what the kernel counts for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

export type Program = {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** Milliseconds. `cpu`: user and system time of the program and all that it waited for. */
export type Times = { readonly wall: number; readonly cpu: number };

/** Runs a program to its end. The shell keeps the time: Node does not tell what a child has used. */
export async function timesOf({ command, args = [], env = {} }: Program): Promise<Times> {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$0" "$@" >/dev/null 2>&1';
  const shell = spawn('bash', ['-c', script, command, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [report, [code]] = await Promise.all([text(shell.stderr), once(shell, 'exit')]);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  const [wall = 0, user = 0, system = 0] = report.trim().split(' ').map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

/**
 * Runs a program to its end and asks for its peak again and again, which takes time from it: not to be timed. MiB. The
 * figure that the kernel gives at the end is no use here, as it includes what forked.
 */
export async function peakOf({ command, args = [], env = {} }: Program): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    if (child.pid !== undefined) peak = memoryOf(child.pid).peak ?? peak;
    await turn();
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return peak;
}

/** Returns the resident memory of a running process in MiB, now and at its peak; undefined if it has ended. */
export function memoryOf(pid: number): { now: number | undefined; peak: number | undefined } {
  const status = readProc(pid, 'status');
  const mebibytes = (name: string): number | undefined => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  };
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** Milliseconds of user and system time that a running process has used; to 10 ms, which is the kernel's step. */
export function cpuOf(pid: number): number {
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds that the first thread of a running process has used, which runs the event loop; NaN where it has ended. */
export function loopCpuOf(pid: number): number {
  const [nanoseconds = ''] = readProc(pid, `task/${pid}/schedstat`).split(' ');
  return nanoseconds === '' ? Number.NaN : Number(nanoseconds) / 1e6;
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

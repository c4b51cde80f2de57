/**
 * Finds the main processes of the containers that mount the files, in a process namespace that the pod's containers share.
 * Everything it needs is in /proc, where every process may read it of every other:
 *
 * - A container's main process was started by the container runtime, which is outside of the namespace: its parent is 0.
 *   `kubectl exec` starts such processes too; they are younger.
 * - A volume in memory is a file system of its own, with a device number of its own. Whoever has the device of one of our volumes
 *   among its mounts is in a container that got the files; whoever has the device of the state's volume is in our own container.
 * - The first mount's number tells the containers apart, as the kernel gives no number twice.
 *
 * Names, environment and command line are not used: programs like nginx write over both of the latter.
 */

export type Process = {
  readonly pid: number;
  /** The text of /proc/PID/stat. */
  readonly stat: string;
  /** The text of /proc/PID/mountinfo. */
  readonly mountinfo: string;
};

type Mount = { readonly id: string; readonly device: string; readonly point: string };

/** The process that holds the namespace together. It belongs to no container of the pod. */
const PAUSE = 1;

/**
 * Returns the process ids of the main processes, one for each container that mounts one of the directories. `own` is the text
 * of the caller's mountinfo; `state` is the directory that only the caller's container mounts.
 */
export function mainProcesses(
  processes: readonly Process[],
  {
    own,
    directories,
    state,
  }: { readonly own: string; readonly directories: readonly string[]; readonly state: string },
): number[] {
  const mounts = mountsIn(own);
  const deviceOf = (directory: string) => mounts.findLast(({ point }) => point === directory)?.device;
  const wanted = new Set(directories.map(deviceOf).filter((device) => device !== undefined));
  const ours = deviceOf(state);
  const oldest = new Map<string, { readonly pid: number; readonly started: bigint }>();
  for (const { pid, stat, mountinfo } of processes) {
    const { parent, started } = readStat(stat);
    if (pid === PAUSE || parent !== '0') continue;
    const theirs = mountsIn(mountinfo);
    const [first] = theirs;
    if (first === undefined || theirs.some(({ device }) => device === ours)) continue;
    if (!theirs.some(({ device }) => wanted.has(device))) continue;
    const known = oldest.get(first.id);
    if (known === undefined || started < known.started) oldest.set(first.id, { pid, started });
  }
  return [...oldest.values()].map(({ pid }) => pid);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function mountsIn(text: string): Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', , device = '', , point = ''] = line.split(' ');
      return { id, device, point };
    });
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the second field is a name that may hold spaces and brackets. */
function readStat(text: string): { readonly parent: string; readonly started: bigint } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: fields[1] ?? '', started: BigInt(fields[19] ?? 0) };
}

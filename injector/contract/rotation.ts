/**
 * Has the names that the webhook and the injector agree on, for secrets that change while the pod runs. The injected container is then a
 * native sidecar with the same image and the same program: its main process writes the files as ever and then watches, and a
 * `postStart` hook that runs {@link WAIT_COMMAND} keeps the containers behind it until the files are there.
 *
 * The program needs of the webhook:
 * - a volume in memory of its own at {@link STATE_DIRECTORY}, which no other container mounts;
 * - the runtime variables of a container that waits (runtime-variables.ts);
 * - for `signal` and `restart: container`: `shareProcessNamespace`, the uid of the containers that are to be signalled, and in
 *   each of these a mount of a volume that the configuration has files for. The program finds the containers by that mount, so
 *   a container that only has variables needs the mount of `directory` too;
 * - for `restart: pod`: a rule that restarts all containers if the container ends with {@link RESTART_EXIT_CODE}.
 */
/** The shortest and the longest interval, in seconds: half a minute and thirty days. */
export const ROTATION_SECONDS = { least: 30, most: 30 * 24 * 60 * 60 } as const;

/** The signals that a container may be sent after a change. None of them ends a process at once, as KILL does. */
export const ROTATION_SIGNALS = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'WINCH'] as const;

/**
 * Lists what can be restarted after a change. `container`: the containers that mount the files are sent SIGTERM, and the kubelet starts
 * them again. `pod`: the program ends with {@link RESTART_EXIT_CODE}, for which the pod has a restart rule.
 */
export const ROTATION_RESTARTS = ['container', 'pod'] as const;

/** The program's exit code that asks the kubelet to restart all containers of the pod. It ends with it for no other reason. */
export const RESTART_EXIT_CODE = 30;

/**
 * The argument with which the program waits until the first complete set of files is there, and then ends with 0. It never ends
 * with a failure: the main process does, with its message.
 */
export const WAIT_COMMAND = 'wait';

/** The argument with which the program asks the main process to look for changes now, and prints what changed. */
export const REFRESH_COMMAND = 'refresh';

/**
 * Says where the sidecar sees its own volume. It holds the socket on which the main process is asked to wait or to refresh, and
 * the note that a complete set was written. The root file system is read-only; the volumes of files are mounted by the app; and
 * an abstract socket, without a file, would be reachable for every container of the pod.
 */
export const STATE_DIRECTORY = '/run/aws-secrets-injector/state';

/**
 * What the webhook and the injector agree on for secrets that change while the pod runs. The injected container is then a
 * native sidecar with the same image and the same program: its main process writes the files as ever and then watches, and a
 * `postStart` hook that runs {@link WAIT_COMMAND} keeps the containers behind it until the files are there.
 *
 * What the program needs of the webhook:
 * - a volume in memory of its own at {@link STATE_DIRECTORY}, which no other container mounts;
 * - the runtime variables of a container that waits (runtime-variables.ts);
 * - for `signal` and `restart: container`: `shareProcessNamespace`, the uid of the containers that are to be signalled, and in
 *   each of these a mount of a volume that the configuration has files for. The program finds the containers by that mount, so
 *   a container that only has variables needs the mount of `directory` too;
 * - for `restart: pod`: a rule that restarts all containers if the container ends with {@link RESTART_EXIT_CODE}.
 */
import * as z from 'zod';

/** The shortest and the longest interval, in seconds: half a minute and thirty days. */
export const ROTATION_SECONDS = { least: 30, most: 30 * 24 * 60 * 60 } as const;

/** The signals that a container may be sent after a change. None of them ends a process at once, as KILL does. */
export const ROTATION_SIGNALS = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'WINCH'] as const;

/**
 * What is restarted after a change. `container`: the containers that mount the files are sent SIGTERM, and the kubelet starts
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

/** The longest URL to notify: it stands in the specification of every pod. */
const URL_LIMIT = 2048;

/** Matches a host that is the pod's own loopback, as the URL parser writes it. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Reads a URL of the pod's own loopback. Others would be sent a request by every pod that may be annotated. */
const loopbackUrl = z
  .url({ protocol: /^http$/ })
  .max(URL_LIMIT)
  .refine((text) => URL.canParse(text) && LOOPBACK.test(new URL(text).hostname), {
    error: "must have a host of the pod's own loopback, like 127.0.0.1 or localhost",
  })
  .refine((text) => URL.canParse(text) && isPlain(new URL(text)), {
    error: 'must have no user, no password and no fragment',
  });

function isPlain({ username, password, hash }: URL): boolean {
  return username === '' && password === '' && hash === '';
}

/** Reads what is done about secrets that change. Absent in a configuration: they are read once, when the pod starts. */
export const rotation = z.strictObject({
  seconds: z
    .int()
    .min(ROTATION_SECONDS.least)
    .max(ROTATION_SECONDS.most)
    .describe('the time between two looks at AWS; each is up to a tenth shorter or longer'),
  notify: loopbackUrl.optional().describe('gets a POST request after each change'),
  signal: z.enum(ROTATION_SIGNALS).optional().describe('is sent after each change'),
  restart: z.enum(ROTATION_RESTARTS).optional().describe('what is restarted after each change'),
});

/** Acts after files changed: it sends the notification or the signal, or asks for the restart. */
import type { Clock } from '../aws/retry.ts';
import type { InjectorConfig } from '../contract/config.ts';
import type { Failure } from '../errors.ts';
import type { Log } from '../log.ts';
import { describe } from '../report.ts';
import { NOTHING_TO_DO, type Note } from './note.ts';
import { restartDelay, retryDelay, SHORTEST_RESTART } from './schedule.ts';
import { signalContainers } from './signal.ts';

type Rotation = NonNullable<InjectorConfig['rotation']>;

export type Reactions = {
  /** Notifies and signals at once, and restarts at a time of its own; as early as possible if somebody asked for this look. */
  changed(files: readonly string[], asked: boolean): void;
  /** Does what an earlier process of the container noted and did not come to: it notifies at once, and restarts later. */
  makeUp(note: Note): void;
  /** Resolves when all containers of the pod are to be restarted, by the end of this process. */
  readonly podRestart: Promise<void>;
};

type Options = {
  readonly rotation: Rotation;
  /** The directories by whose volumes the containers are found. */
  readonly directories: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Notes what is still to be done. */
  readonly note: (note: Note) => void;
};

/** The longest time between two notifications of one change, in seconds: nobody listens, or it is refused. */
const NOTIFY_SECONDS = 300;

/** Creates the reactions to changes. Nothing happens before the first change. */
export function createReactions({ rotation, directories, clock, log, note }: Options): Reactions {
  const { notify, signal, restart } = rotation;
  const podRestart = Promise.withResolvers<void>();
  let noted = NOTHING_TO_DO;
  const noteToo = (more: Partial<Note>) => {
    noted = { ...noted, ...more };
    note(noted);
  };
  const send = (name: string) => {
    const { sent, errors } = signalContainers(name, directories);
    log('info', `SIG${name} was sent to ${sent} containers.`, { containers: sent });
    for (const code of new Set(errors)) log('error', describe(signalFailure(name, code)), { code: 'ASI_ROT_SIGNAL' });
  };
  const restarts = createDelayed(clock, () => {
    // Containers that all start anew read the files: nobody has to be notified of them.
    noteToo(restart === 'pod' ? NOTHING_TO_DO : { restart: false });
    if (restart === 'pod') podRestart.resolve();
    else send('TERM');
  });
  const notifications =
    notify === undefined
      ? undefined
      : createNotifications(notify, { clock, log, note: (files) => noteToo({ notify: files }) });
  const restartAfter = (milliseconds: number) => {
    if (restart === undefined) return;
    noteToo({ restart: true });
    const left = restarts.start(milliseconds);
    log('info', `The ${restart} restarts in ${Math.ceil(left / 1000)} s.`);
  };
  return {
    changed: (files, asked) => {
      notifications?.add(files);
      if (signal !== undefined) send(signal);
      restartAfter(asked ? SHORTEST_RESTART : restartDelay(rotation.seconds, clock.random()));
    },
    makeUp: (left) => {
      noted = left;
      if (left.notify.length > 0) notifications?.add(left.notify);
      if (left.restart) restartAfter(restartDelay(rotation.seconds, clock.random()));
    },
    podRestart: podRestart.promise,
  };
}

function signalFailure(name: string, code: string): Failure {
  const headline = `A container could not be sent SIG${name}.`;
  const cause = code === 'EPERM' ? 'It runs with another uid than the injector (EPERM).' : `The system says ${code}.`;
  return { code: 'ASI_ROT_SIGNAL', subject: 'signal', headline, cause };
}

/**
 * Creates what acts once after a time. If it is started again before that, the earlier of both times counts, but at least
 * {@link SHORTEST_RESTART} after the latest start. `start` returns the milliseconds that are left.
 */
function createDelayed(clock: Clock, act: () => void): { start(milliseconds: number): number } {
  let due = Number.POSITIVE_INFINITY;
  let waiting = new AbortController();
  const wait = async (milliseconds: number, { signal }: AbortController) => {
    await clock.sleep(milliseconds, signal);
    if (signal.aborted) return;
    due = Number.POSITIVE_INFINITY;
    act();
  };
  return {
    start: (milliseconds) => {
      const now = clock.now();
      const next = Math.max(Math.min(due, now + milliseconds), now + SHORTEST_RESTART);
      if (next !== due) {
        due = next;
        waiting.abort();
        waiting = new AbortController();
        wait(next - now, waiting).catch(() => {});
      }
      return next - now;
    },
  };
}

/**
 * Creates what notifies the app of files. Until the app has answered well it tries again, with all files since then: at the next
 * change at the latest.
 */
function createNotifications(
  url: string,
  { clock, log, note }: Pick<Options, 'clock' | 'log'> & { readonly note: (files: readonly string[]) => void },
) {
  let sending: readonly string[] = [];
  const waiting = new Set<string>();
  let isRunning = false;
  let asleep = new AbortController();
  const run = async () => {
    for (let failures = 0; waiting.size > 0; ) {
      sending = [...waiting];
      waiting.clear();
      // It is loaded late: with it the program would start some milliseconds later.
      const { post } = await import('./notify.ts');
      const problem = await post(url, sending);
      if (problem === undefined) {
        sending = [];
        note([...waiting]);
        log('info', `${url} was notified.`);
        failures = 0;
        continue;
      }
      for (const file of sending) waiting.add(file);
      failures += 1;
      if (failures === 1) {
        const headline = `${url} could not be notified. It is tried again.`;
        const failure: Failure = {
          code: 'ASI_ROT_NOTIFY',
          subject: url,
          headline,
          cause: `The request failed: ${problem}.`,
        };
        log('error', describe(failure), { code: failure.code });
      }
      asleep = new AbortController();
      await clock.sleep(Math.min(retryDelay(failures, clock.random()), NOTIFY_SECONDS * 1000), asleep.signal);
    }
    isRunning = false;
  };
  return {
    add: (files: readonly string[]) => {
      for (const file of files) waiting.add(file);
      note([...new Set([...sending, ...waiting])]);
      asleep.abort();
      if (isRunning) return;
      isRunning = true;
      run().catch(() => {});
    },
  };
}

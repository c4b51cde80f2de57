/**
 * Writes the files as an init container does, and then stays: looks for changes, publishes them, and answers `wait` and
 * `refresh`. Before the first complete set a failure ends it; after that nothing does but a restart of the pod.
 */
import type { InjectorConfig } from '../contract/config.ts';
import type { Failure } from '../errors.ts';
import type { RunContext } from '../inject.ts';
import { fileDirectories } from '../plan/outputs.ts';
import { plan } from '../plan/plan.ts';
import { describe } from '../report.ts';
import { listen } from './control.ts';
import { NOTHING_TO_DO, type Note, readNote, writeNote } from './note.ts';
import { compareOutages, failedLooks, NO_OUTAGES } from './outage.ts';
import { createReactions } from './react.ts';
import { answerOf, describeChange, describeEnd, describeRest } from './refresh.ts';
import { createRequests } from './requests.ts';
import { createRounds, type Round } from './round.ts';
import { nextLook } from './schedule.ts';

/** Lists the acts of the process that the watch needs. */
export type Host = {
  /** Calls the function for each SIGHUP. */
  onHangup(listener: () => void): void;
  /** Is called when the first complete set of files is there. */
  onWritten(): void;
  /** Is called when nothing is to be done for a while: after each look, but some seconds after the first one, when the app has started. */
  rest(): void;
};

/** The failures of the first run, or `restart` if all containers of the pod are to be restarted. */
export type Ending = readonly Failure[] | 'restart';

type Rotation = NonNullable<InjectorConfig['rotation']>;

/**
 * Milliseconds for which a container that starts again keeps `wait` without an answer at most. The files are there already, and
 * the pod is not ready until the answer: AWS may be down for longer.
 */
const LONGEST_WAIT = 5_000;

/** Milliseconds for which the app's containers start after the first complete set of files. */
const START_MS = 10_000;

/** Watches until it can not begin or has to end. */
export async function rotate(
  config: InjectorConfig,
  rotation: Rotation,
  context: RunContext & { readonly host: Host },
): Promise<Ending> {
  const { root, clock, log, redactor, host } = context;
  const planned = plan(config);
  if (planned.failures.length > 0) return planned.failures;
  const earlier = readNote(root);
  const look = createRounds(config, planned.plan, { ...context, again: earlier !== undefined });
  const requests = createRequests(clock);
  const written = Promise.withResolvers<void>();
  host.onHangup(() => void requests.make());
  let close: () => void;
  try {
    close = await listen(root, {
      wait: () => written.promise.then(() => 'written'),
      refresh: async () => {
        await written.promise;
        return JSON.stringify(answerOf(await requests.make(), redactor));
      },
    });
  } catch (error) {
    return [stateFailure(error)];
  }
  const note = (toDo: Note) => {
    try {
      writeNote(root, toDo);
    } catch (error) {
      log('warn', describe(stateFailure(error)));
    }
  };
  // A pod without files has an empty volume in the first one, by which the containers with variables are found.
  const directories = [config.directory, ...fileDirectories(config)];
  const reactions = createReactions({ rotation, directories, clock, log, note });
  const begin = () => {
    host.onWritten();
    written.resolve();
  };
  if (earlier !== undefined) clock.sleep(LONGEST_WAIT).then(begin, begin);
  const first = await look();
  if (!first.published && earlier === undefined) {
    close();
    return first.failures;
  }
  if (earlier === undefined) note(NOTHING_TO_DO);
  begin();
  log('info', `AWS is asked for changes every ${rotation.seconds} s.`);
  if (earlier !== undefined) reactions.makeUp(earlier);
  if (earlier !== undefined && first.files.length > 0) reactions.changed(first.files, false);
  const watching = watch(first, { rotation, look, requests, reactions, context });
  return Promise.race([watching, reactions.podRestart.then(() => 'restart' as const)]).finally(close);
}

type Watch = {
  readonly rotation: Rotation;
  readonly look: () => Promise<Round>;
  readonly requests: ReturnType<typeof createRequests>;
  readonly reactions: ReturnType<typeof createReactions>;
  readonly context: RunContext & { readonly host: Host };
};

/** Looks again and again. Never returns. */
async function watch(first: Round, { rotation, look, requests, reactions, context }: Watch): Promise<never> {
  const { clock, log, host } = context;
  let outages = NO_OUTAGES;
  const report = ({ changes, files, failures }: Round) => {
    const compared = compareOutages(outages, failures);
    const { open } = outages;
    outages = compared.outages;
    for (const failure of compared.begun) {
      const { code, subject } = failure;
      log('error', `${describe(failure)} ${describeRest(failure, open.has(subject))}`, { code, subject });
    }
    for (const failure of compared.ended) log('info', describeEnd(failure), { subject: failure.subject });
    for (const change of changes) {
      const { name: object, region, from, to } = change;
      log('info', describeChange(change), { object, region, from, to });
    }
    if (changes.length > 0) log('info', 'The files are up to date.', { changed: files.length });
  };
  report(first);
  // The app starts now, and needs the processor.
  clock.sleep(START_MS).then(host.rest, host.rest);
  for (;;) {
    await requests.sleep(nextLook(rotation.seconds, failedLooks(outages), clock.random()));
    const answers = requests.take();
    const round = await look();
    report(round);
    for (const answer of answers) answer(round);
    if (round.files.length > 0) reactions.changed(round.files, answers.length > 0);
    host.rest();
  }
}

function stateFailure(error: unknown): Failure {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  const headline = "The volume of the injector's state can not be used.";
  return { code: 'ASI_ROT_STATE', subject: 'state', headline, cause: `The system says ${code}.` };
}

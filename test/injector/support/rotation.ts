/** A pod whose secrets rotate: the watch runs in this process, on a clock that jumps from one sleep to the next. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { STATE_DIRECTORY } from '../../../injector/contract/rotation.ts';
import { type Outcome, run } from '../../../injector/run.ts';
import type { Cluster } from '../../../injector/sync/sync.ts';
import type { AwsOptions } from '../../aws/server.ts';
import { createClock, type Happening } from './clock.ts';
import { createWorld, type World } from './world.ts';

/** The interval of most tests, in seconds. */
export const INTERVAL = 60;

export type Line = Readonly<Record<string, string>>;

export type Watched = {
  /** The outcome; undefined if the watch went on when the clock's limit came. */
  readonly outcome: Outcome | undefined;
  readonly lines: readonly Line[];
  /** The times at which the watch said that it has nothing to do for a while, in milliseconds since its start. */
  readonly rests: readonly number[];
  /** Sends SIGHUP. */
  hangUp(): void;
  /** Lets so many more milliseconds of the clock pass. Returns when the watch sleeps past them, or has ended. */
  pass(milliseconds: number): Promise<void>;
};

type WatchOptions = {
  readonly happenings?: readonly Happening[];
  /** Milliseconds of the clock after which nobody wakes any more. */
  readonly limit?: number;
  readonly random?: () => number;
  readonly cluster?: Cluster;
};

/**
 * Gives the pod the volume of the state. It is a link to a folder with a short name: the path of a socket has at most 107 bytes,
 * and a test's folder more.
 */
export function addState(t: Test, root: string): void {
  const state = mkdtempSync(join(tmpdir(), 'state-'));
  t.teardown(() => rmSync(state, { recursive: true }));
  mkdirSync(join(root, dirname(STATE_DIRECTORY)), { recursive: true });
  symlinkSync(state, join(root, STATE_DIRECTORY));
}

/** Returns a world whose pod has the volume of the state, so that its secrets can rotate. */
export async function createRotatingWorld(t: Test, options?: AwsOptions): Promise<World> {
  const world = await createWorld(t, undefined, options);
  addState(t, world.root);
  return world;
}

/** Returns a configuration that asks AWS for changes of these objects at each interval, and logs what changed. */
export function rotating(
  world: World,
  objects: InjectorConfig['objects'],
  more: Partial<InjectorConfig> = {},
): InjectorConfig {
  return world.config(objects, { rotation: { seconds: INTERVAL }, log: { level: 'info' }, ...more });
}

/** Returns the milliseconds of the clock a little after this look at AWS. Look 0 is the start of the program. */
export function after(look: number): number {
  return look * INTERVAL * 1000 + 500;
}

/** Returns the level and the message of each line of a log. */
export function messagesOf(lines: readonly Line[]): string[] {
  return lines.map(({ level, message }) => `${level}: ${message}`);
}

/** Returns the lines of a log. */
export function linesOf(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** Runs the program until it ends, or until it sleeps past the limit. */
export async function watch(
  { root }: Pick<World, 'root'>,
  config: InjectorConfig,
  { happenings = [], limit = Infinity, random = () => 0.5, cluster }: WatchOptions = {},
): Promise<Watched> {
  let log = '';
  let hangUp = () => {};
  const rests: number[] = [];
  const host = {
    onHangup: (listener: () => void) => {
      hangUp = listener;
    },
    onWritten: () => {},
    rest: () => void rests.push(clock.now() - started),
  };
  const write = (line: string) => {
    log += line;
  };
  let asleep = Promise.withResolvers<void>();
  const clock = createClock(happenings, { random, limit, onLimit: () => asleep.resolve() });
  const started = clock.now();
  let outcome: Outcome | undefined;
  const inputs = {
    configText: encodeConfig(config),
    podName: 'app1-7d9-x2x',
    root,
    clock,
    write,
    host,
    ...(cluster && { cluster }),
  };
  const running = run(inputs).then((result) => {
    outcome = result;
  });
  await Promise.race([asleep.promise, running]);
  return {
    outcome,
    rests,
    get lines() {
      return linesOf(log);
    },
    hangUp: () => hangUp(),
    pass: async (milliseconds) => {
      asleep = Promise.withResolvers();
      clock.pass(milliseconds);
      await Promise.race([asleep.promise, running]);
    },
  };
}

/** Measures one row: a fresh webhook, an attack on it, and what an ordinary client notices meanwhile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loopCpuOf, memoryOf } from '../process.ts';
import { reviewOf } from '../webhook/review.ts';
import { type Server, startWebhook } from '../webhook/servers.ts';
import { type Attack, post, type Reply, type Target } from './target.ts';
import type { Seen } from './witness.ts';

/** Has what an attack did, in milliseconds and MiB. `stall` is the longest time for which the event loop stood. */
export type Struck = {
  readonly name: string;
  /** The time that one hostile review alone takes of the event loop's thread, or all of an attack without reviews. */
  readonly cpu: number;
  readonly seen: Seen;
  readonly reply: Reply | undefined;
  readonly stall: number;
  readonly idle: number;
  readonly peak: number;
  /** True if the process ended. */
  readonly ended: boolean;
};

const WITNESS = join(import.meta.dirname, 'witness.ts');

const SECONDS = 3;

/** Reviews before the first hostile one. */
const WARM_UP = 50;

const LOOK_MS = 25;

/** Starts a webhook with the files of `folder`, attacks it for some seconds, and returns what happened. */
export async function strike(attack: Attack, folder: string, ca: string): Promise<Struck> {
  const webhook = await startWebhook(folder, join(folder, 'kubeconfig'));
  try {
    const target = { port: webhook.port, healthPort: webhook.healthPort, ca };
    await warmUp(target);
    const idle = memoryOf(webhook.pid).now ?? 0;
    resetPeak(webhook);
    const peak = watchPeak(webhook);
    const alone = await loopCpuWhile(webhook, async () => attack.once?.(target));
    const watch = await startWitness(target);
    await stallOf(webhook);
    let reply: Reply | undefined;
    const all = await loopCpuWhile(webhook, async () => {
      reply = await attack.strike(target, SECONDS);
    });
    const seen = await watch();
    const stall = await stallOf(webhook);
    const cpu = attack.once ? alone : all;
    return { name: attack.name, cpu, seen, reply, stall, idle, peak: peak(), ended: webhook.hasEnded() };
  } finally {
    await webhook.close();
  }
}

/** Starts a witness, and returns how to end it. */
async function startWitness(target: Target): Promise<() => Promise<Seen>> {
  const child = spawn(process.execPath, [WITNESS, JSON.stringify(target)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    return JSON.parse(await text(child.stdout));
  };
}

/** Milliseconds of the longest stop of the event loop since the last call; NaN where the process does not answer. */
async function stallOf({ healthPort }: Server): Promise<number> {
  const url = `http://127.0.0.1:${healthPort}/metrics`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (reply) => reply.text(),
    () => '',
  );
  const seconds = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(answer)?.[1];
  return seconds === undefined ? Number.NaN : Number(seconds) * 1000;
}

/** Lets the kernel forget the peak of a process: it does so where 5 is written here. */
function resetPeak({ pid }: Server): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Returns how to end the watch of a process's peak, which gives MiB. The kernel forgets the peak of a process that ends. */
function watchPeak({ pid }: Server): () => number {
  let peak = 0;
  const look = () => {
    peak = memoryOf(pid).peak ?? peak;
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}

/** Milliseconds of the event loop's thread that an act takes; NaN where the process ends. */
async function loopCpuWhile({ pid }: Server, act: () => Promise<unknown>): Promise<number> {
  const before = loopCpuOf(pid);
  await act();
  return loopCpuOf(pid) - before;
}

/** Lets a new process see some ordinary reviews, so that it has compiled what each review needs. */
async function warmUp(target: Target): Promise<void> {
  for (let review = 0; review < WARM_UP; review++) await post(target, reviewOf());
}

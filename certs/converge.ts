/** Takes steps of the life cycle until none is due. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Written } from './api.ts';
import { carryOut } from './carry-out.ts';
import type { Cluster, Seen } from './kube.ts';
import { lifecycle, type Policy, type Step } from './lifecycle.ts';
import type { Log } from './log.ts';

export type ConvergeOptions = {
  readonly cluster: Cluster;
  readonly now: () => Date;
  readonly policy: Policy;
  readonly log: Log;
  /** Called with everything that is read, before anything is done about it. */
  readonly onSeen: (seen: Seen) => void;
};

/** Whether something is missing that only others can bring, and when to look again. */
export type Outcome = { readonly kind: 'settled'; readonly until: Date } | { readonly kind: 'blocked' };

/** More than steps and lost races in any honest case; beyond it, the caller pauses. */
const ROUNDS = 40;

const DONE: Record<Exclude<Step['kind'], 'wait' | 'blocked'>, string> = {
  'found-authority': 'Made a new CA.',
  'add-next-authority': 'Made the CA that follows the present one.',
  'drop-next-authority': 'Dropped the following CA, which had expired.',
  publish: 'Wrote the CAs into the caBundle of every webhook.',
  'note-published': 'Noted since when the following CA is published.',
  'promote-next-authority': 'The following CA took over and signed its first certificate.',
  'issue-leaf': 'Issued a server certificate.',
  'drop-retired': 'Dropped the retired CAs, of which no certificate is left.',
};

/** Returns when nothing is due. Throws what the API server refuses, and when others are first too often. */
export async function converge(options: ConvergeOptions): Promise<Outcome> {
  const { cluster, now, policy, log, onSeen } = options;
  for (let round = 0; round < ROUNDS; round++) {
    const seen = await cluster.see();
    onSeen(seen);
    const time = now();
    const step = lifecycle(time, seen, policy);
    if (step.kind === 'wait') return { kind: 'settled', until: step.until };
    if (step.kind === 'blocked') return { kind: 'blocked' };
    const written = await take(step, { seen, time, cluster, policy });
    if (written === 'done') log.info({ step: step.kind }, DONE[step.kind]);
    else await sleep(Math.random() * Math.min(200, 10 * 2 ** round));
  }
  throw new Error(`others changed the Secret or the webhook configuration first, ${ROUNDS} times in a row`);
}

type Moment = { readonly seen: Seen; readonly time: Date; readonly cluster: Cluster; readonly policy: Policy };

async function take(step: Exclude<Step, { kind: 'wait' | 'blocked' }>, moment: Moment): Promise<Written> {
  const { seen, time, cluster, policy } = moment;
  if (step.kind === 'publish') return cluster.publish(seen, step.bundle);
  return cluster.store(seen, await carryOut(step, time, seen, policy));
}

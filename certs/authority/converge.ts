/** Takes steps of the life cycle until none is due. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Written } from '../host.ts';
import { carryOut } from './carry-out.ts';
import { lifecycle, type Policy, type Step } from './lifecycle.ts';
import type { Observed } from './state.ts';
import { writeStored } from './stored.ts';

export type ConvergeOptions = {
  readonly observe: () => Promise<Observed>;
  readonly now: () => Date;
  readonly policy: Policy;
  readonly log: Log;
  /** Called with everything that is read, before anything is done about it. */
  readonly onObserved: (observed: Observed) => void;
};

/**
 * Is the result of a pass. `blocked` means that an object is missing that only others can make. With `done`, nothing is due
 * before `until`.
 */
export type Outcome = { readonly kind: 'done'; readonly until: Date } | { readonly kind: 'blocked' };

/** A pass ends after so many rounds, which is more than the steps and lost races of any honest case. The caller pauses then. */
const ROUNDS = 40;

const DONE: Record<Exclude<Step['kind'], 'wait' | 'blocked'>, string> = {
  'found-authority': 'Made a new CA.',
  'add-next-authority': 'Made the CA that follows the present one.',
  'drop-next-authority': 'Dropped the following CA, which had expired.',
  publish: 'Wrote the CAs into the caBundle of every webhook.',
  'note-published': 'Noted since when the following CA is published.',
  'promote-next-authority': 'The following CA took over and signed its first certificate.',
  'issue-leaf': 'Issued a server certificate.',
  'drop-retired': 'Dropped the retired CAs: no certificate of theirs is valid any more.',
};

/** Takes every step that is due, and returns when none is. Throws what the API server refuses, and when others are first too often. */
export async function converge({ observe, now, policy, log, onObserved }: ConvergeOptions): Promise<Outcome> {
  for (let round = 0; round < ROUNDS; round++) {
    const observed = await observe();
    onObserved(observed);
    const time = now();
    const step = lifecycle(time, observed, policy);
    if (step.kind === 'wait') return { kind: 'done', until: step.until };
    if (step.kind === 'blocked') return { kind: 'blocked' };
    const written = await take(step, observed, { time, policy });
    if (written === 'done') log.info({ step: step.kind }, DONE[step.kind]);
    else await sleep(Math.random() * Math.min(200, 10 * 2 ** round));
  }
  throw new Error(`others changed the Secret or the webhook configuration first, ${ROUNDS} times in a row`);
}

async function take(
  step: Exclude<Step, { kind: 'wait' | 'blocked' }>,
  observed: Observed,
  { time, policy }: { readonly time: Date; readonly policy: Policy },
): Promise<Written> {
  const { configuration, secret } = observed;
  if (step.kind === 'publish') return (await configuration?.publish(step.bundle)) ?? 'conflict';
  return (await secret?.write(writeStored(await carryOut(step, time, observed, policy)))) ?? 'conflict';
}

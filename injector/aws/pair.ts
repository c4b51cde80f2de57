/** Asks one region, or two: at the same time unless told otherwise, and both again while neither helps. */
import type { Ask, Calls } from './calls.ts';
import { RegionError } from './error.ts';
import { type Clock, createRetries, retrying } from './retry.ts';
import { isFatal, type Settled, settle, type Tried } from './settle.ts';

export type Question<Answer> = {
  readonly region: string;
  readonly failoverRegion: string | undefined;
  /** The second region is asked only when the first one fails. */
  readonly inTurn: boolean;
  /** Asks one region. */
  readonly put: (ask: Ask, which: 'primary' | 'failover') => Promise<Answer>;
  readonly isFlawed: (answer: Answer) => boolean;
  /** Hears of every failed try. */
  readonly onFailure: (error: RegionError) => void;
};

export type PairOptions = {
  readonly calls: Calls;
  readonly clock: Clock;
  /** In the clock's milliseconds. */
  readonly deadline: number;
};

/** The answer, and whose it is. Rejects with the {@link RegionError} that decided, or an AggregateError of both. */
export async function inRegions<Answer>(
  question: Question<Answer>,
  { calls, clock, deadline }: PairOptions,
): Promise<Extract<Settled<Answer>, { answer: Answer }>> {
  const { region, failoverRegion, put, onFailure } = question;
  if (failoverRegion === undefined) {
    return { answer: await put(calls.patiently(region, onFailure), 'primary'), from: 'primary' };
  }
  return retrying(createRetries(clock, deadline), async () => {
    const settled = await askBoth(question, failoverRegion, calls);
    if ('error' in settled) throw settled.error;
    return settled;
  });
}

async function askBoth<Answer>(
  { region, inTurn, put, isFlawed, onFailure }: Question<Answer>,
  failoverRegion: string,
  calls: Calls,
): Promise<Settled<Answer>> {
  const tryIn = async (name: string, which: 'primary' | 'failover'): Promise<Tried<Answer>> => {
    try {
      const answer = await put(calls.briefly(name, onFailure), which);
      return { answer, flawed: isFlawed(answer) };
    } catch (error) {
      const [first] = error instanceof AggregateError ? error.errors : [error];
      if (first instanceof RegionError) return { error: first };
      throw error;
    }
  };
  if (!inTurn) {
    const [primary, failover] = await Promise.all([tryIn(region, 'primary'), tryIn(failoverRegion, 'failover')]);
    return settle(primary, failover, failoverRegion);
  }
  const primary = await tryIn(region, 'primary');
  if ('answer' in primary && !primary.flawed) return { answer: primary.answer, from: 'primary' };
  if ('error' in primary && isFatal(primary.error)) return { error: primary.error };
  return settle(primary, await tryIn(failoverRegion, 'failover'), failoverRegion);
}

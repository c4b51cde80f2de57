/** Requests for a look at AWS before its time. Each gets the result of a look that began after it was made. */
import type { Clock } from '../aws/retry.ts';
import type { Round } from './round.ts';

type Answer = (round: Round) => void;

export type Requests = {
  /** Returns the result of the next look. */
  make(): Promise<Round>;
  /** Returns what is to be called with the result of the look that begins now, and forgets it. */
  take(): Answer[];
  /** Returns after so many milliseconds, or as soon as there is a request. */
  sleep(milliseconds: number): Promise<void>;
};

/** Creates requests that nobody has made yet. */
export function createRequests(clock: Clock): Requests {
  let answers: Answer[] = [];
  let asleep = new AbortController();
  return {
    make: () =>
      new Promise((resolve) => {
        answers.push(resolve);
        asleep.abort();
      }),
    take: () => {
      const taken = answers;
      answers = [];
      return taken;
    },
    sleep: async (milliseconds) => {
      asleep = new AbortController();
      if (answers.length === 0) await clock.sleep(milliseconds, asleep.signal);
    },
  };
}

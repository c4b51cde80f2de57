/** Keeps the time of the program, for deadlines and pauses. */
import type { Clock } from './retry.ts';

/** The longest single timer: a day. One of 2^31 milliseconds or more, about 25 days, fires at once. */
const LONGEST_TIMER = 24 * 60 * 60 * 1000;

/** Is the clock of this process. Its time counts from the start of the process, so that a node's clock that is set moves no deadline. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const wait = (rest: number) => {
        const next = rest > LONGEST_TIMER ? () => wait(rest - LONGEST_TIMER) : resolve;
        timer = setTimeout(next, Math.min(rest, LONGEST_TIMER));
      };
      wait(milliseconds);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

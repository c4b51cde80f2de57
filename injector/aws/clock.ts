/** Keeps the time of the program, for deadlines and pauses. */
import type { Clock } from './retry.ts';

/** Is the clock of this process. Its time counts from the start of the process, so that a node's clock that is set moves no deadline. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

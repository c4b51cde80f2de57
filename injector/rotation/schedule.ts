/** When to look for changes, to try again and to restart. Chance is an argument; all results are milliseconds. */

const SECOND = 1000;

/** Tries again after so long first; each further failure doubles it, up to the interval. */
const FIRST_RETRY = 5 * SECOND;

/**
 * Returns how long to wait until the next look at AWS: the interval, up to a tenth shorter or longer, so that pods that started
 * together do not ask together for ever. After failures it is shorter, from 5 seconds on, and doubles with each.
 */
export function nextLook(seconds: number, failures: number, random: number): number {
  const interval = Math.round(seconds * SECOND * (0.9 + 0.2 * random));
  return failures === 0 ? interval : Math.min(interval, retryDelay(failures, random));
}

/** Returns how long to wait after so many failures in a row, 1 or more: between a half and all of a time that doubles. */
export function retryDelay(failures: number, random: number): number {
  return FIRST_RETRY * 2 ** Math.min(failures - 1, 30) * (0.5 + 0.5 * random);
}

/**
 * The shortest time from a change to a restart. The kubelet reads the variables of a container before there is a process of it,
 * and a container that is just being created at the change may have those from before. It has a process by then.
 */
export const SHORTEST_RESTART = 5 * SECOND;

/** Returns how long to wait before a restart: anything up to the interval, so that the replicas of a pod restart one by one. */
export function restartDelay(seconds: number, random: number): number {
  return SHORTEST_RESTART + (seconds * SECOND - SHORTEST_RESTART) * random;
}

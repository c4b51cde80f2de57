/** Makes the requests of a run, with a limit on those in flight in each region, and reports every try that fails. */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Access } from './access.ts';
import { type Clients, CONCURRENCY } from './clients.ts';
import { type About, factsOf, isTimeout, named, RegionError } from './error.ts';
import { type Clock, createFewRetries, createRetries, type Retries, retrying } from './retry.ts';

/** Asks until an answer comes or the retry policy gives up: then it rejects with a {@link RegionError}. */
export type Ask = <Result>(question: (clients: Clients) => Promise<Result>, about?: About) => Promise<Result>;

type AskIn = (region: string, onFailure: (error: RegionError) => void) => Ask;

/** Both functions return how to ask one region. */
export type Calls = {
  /** Tries until the deadline of the run. */
  readonly untilDeadline: AskIn;
  /** Tries a few times. It is for a region of a pair, as the other region may have the answer. */
  readonly fewTries: AskIn;
};

/**
 * Remembers the tries of a region. Each try gets a number when it joins the queue. `timeout` is the error of the latest try
 * that ran into a time-out, and `timeoutAt` is the highest number that existed then.
 */
type Region = { readonly limit: LimitFunction; tries: number; timeoutAt: number; timeout?: RegionError };

/** A request that was waiting in the queue is still made once within so many milliseconds after the deadline. */
const GRACE = 10_000;

/** Creates the calls of one run, which share the limit on requests in flight. `deadline` is in the clock's milliseconds. */
export function createCalls(access: Access, clock: Clock, deadline: number): Calls {
  const regions = new Map<string, Region>();
  const regionOf = (name: string): Region => {
    const region = regions.get(name) ?? { limit: pLimit(CONCURRENCY), tries: 0, timeoutAt: 0 };
    regions.set(name, region);
    return region;
  };
  return {
    untilDeadline: (name, onFailure) => async (question, about) => {
      const clients = await access.untilDeadline(name);
      const retries = createRetries(clock, deadline);
      return tryAll({ name, region: regionOf(name), retries, onFailure, about }, () => question(clients));
    },
    fewTries: (name, onFailure) => async (question, about) => {
      const clients = await access.fewTries(name);
      const retries = createFewRetries(clock, deadline);
      return tryAll({ name, region: regionOf(name), retries, onFailure, about, pair: true }, () => question(clients));
    },
  };
}

type Call = {
  readonly name: string;
  readonly region: Region;
  readonly retries: Retries;
  readonly onFailure: (error: RegionError) => void;
  readonly about: About | undefined;
  readonly pair?: true;
};

function tryAll<Result>(call: Call, ask: () => Promise<Result>): Promise<Result> {
  const { name, region, retries, onFailure, about, pair } = call;
  let last: RegionError | undefined;
  return retrying(retries, () => {
    region.tries += 1;
    const number = region.tries;
    return region.limit(async () => {
      const late = tooLate(call, last);
      if (late !== undefined) throw late;
      // If the region timed out while this try was waiting in the queue, the other region of the pair is asked at once.
      if (pair && region.timeout !== undefined && number <= region.timeoutAt) throw region.timeout;
      await ownTurn();
      try {
        return await ask();
      } catch (cause) {
        last = new RegionError(name, 'request', cause, about);
        if (isTimeout(factsOf(cause))) {
          region.timeout = last;
          region.timeoutAt = region.tries;
        }
        onFailure(last);
        throw last;
      }
    });
  });
}

/**
 * Returns when the requests before have been prepared. The SDK's signer takes many small steps, and the steps of requests that are
 * prepared together take turns, so that all are sent after the last step of the last one. Between two callbacks of `setImmediate`,
 * all steps of the first one run to their end.
 */
function ownTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Returns the error to give up with if it is too late for another try, or undefined if there is time. */
function tooLate({ name, about, retries }: Call, last: RegionError | undefined): RegionError | undefined {
  const remaining = retries.remaining();
  if (last !== undefined) return remaining < 0 ? last : undefined;
  return remaining < -GRACE ? new RegionError(name, 'request', named('TimeoutError'), about) : undefined;
}

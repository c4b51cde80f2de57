/** Tries against one region: a few in flight, each try a place, every failed one heard of. */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Access } from './access.ts';
import { type Clients, CONCURRENCY } from './clients.ts';
import { type About, factsOf, isTimeout, named, RegionError } from './error.ts';
import { type Clock, createFewRetries, createRetries, type Retries, retrying } from './retry.ts';

/** Asks until it works, or until it is time to give up: rejects with a {@link RegionError}. */
export type Ask = <Result>(question: (clients: Clients) => Promise<Result>, about?: About) => Promise<Result>;

export type Calls = {
  /** By the usual rules. */
  patiently(region: string, onFailure: (error: RegionError) => void): Ask;
  /** A few tries, for a region that is one of a pair. */
  briefly(region: string, onFailure: (error: RegionError) => void): Ask;
};

/** What is known of a region. `lost`: a try ended without any answer, at `lostAt` on the count of those who came. */
type Region = { readonly limit: LimitFunction; came: number; lostAt: number; lost?: RegionError };

/** Milliseconds after the deadline in which a request that waited in line is still made, for the first time. */
const GRACE = 10_000;

/** One for all that a run asks. */
export function createCalls(access: Access, clock: Clock, deadline: number): Calls {
  const regions = new Map<string, Region>();
  const regionOf = (name: string): Region => {
    const region = regions.get(name) ?? { limit: pLimit(CONCURRENCY), came: 0, lostAt: 0 };
    regions.set(name, region);
    return region;
  };
  return {
    patiently: (name, onFailure) => async (question, about) => {
      const clients = await access.patiently(name);
      const retries = createRetries(clock, deadline);
      return tryAll({ name, region: regionOf(name), retries, onFailure, about }, () => question(clients));
    },
    briefly: (name, onFailure) => async (question, about) => {
      const clients = await access.briefly(name);
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
    region.came += 1;
    const number = region.came;
    return region.limit(async () => {
      const late = tooLate(call, last);
      if (late !== undefined) throw late;
      // Who waited in line while the region stopped to answer goes to the other one at once.
      if (pair && region.lost !== undefined && number <= region.lostAt) throw region.lost;
      try {
        return await ask();
      } catch (cause) {
        last = new RegionError(name, 'request', cause, about);
        if (isTimeout(factsOf(cause))) {
          region.lost = last;
          region.lostAt = region.came;
        }
        onFailure(last);
        throw last;
      }
    });
  });
}

/** Returns what to give up with where it is too late for a try; undefined where it is not. */
function tooLate({ name, about, retries }: Call, last: RegionError | undefined): RegionError | undefined {
  const remaining = retries.remaining();
  if (last !== undefined) return remaining < 0 ? last : undefined;
  return remaining < -GRACE ? new RegionError(name, 'request', named('TimeoutError'), about) : undefined;
}

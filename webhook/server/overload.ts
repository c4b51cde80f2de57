/**
 * The limits of both ports. They stand against three threats of .github/SECURITY.md: whoever reaches a port may open connections,
 * send anything and read nothing. Memory must stay bounded then, and the API server and the kubelet must still be answered.
 *
 * - gate.ts answers a request that no route takes, and closes its connection, before its body is read.
 * - body.ts reads the other bodies, each into one buffer up to a limit.
 * - clients.ts counts connections, bytes of bodies and bytes of answers. When one of these passes its limit, it closes the client
 *   that the server has waited for longest, because the API server never keeps it waiting.
 * - intake.ts orders whole reviews: small ones first, few large ones at once, in turns of the event loop that stay
 *   short. large/reviews.ts answers large ones in a thread of their own, with memory of its own.
 * - json-limits.ts refuses JSON that is cheap to send and expensive to parse.
 *
 * All of it together, with the heaps of both threads (Dockerfile.webhook, large/reviews.ts) and Node.js itself, fits into the chart's
 * memory limit: test/chart/memory.test.ts adds it up.
 */
import type { ServerOptions } from 'node:http';
import type { ClientLimits } from './clients.ts';
import type { IntakeLimits } from './intake.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** The API server takes at most 3 MiB of an object from its clients. As JSON in a review, this may become twice as long. */
const BODY_LIMIT = 8 * MIB;

/** Ordinary reviews have 5 to 20 KiB. A larger body than this competes with other large bodies only, for memory and for its turn. */
const SMALL_BODY = 128 * KIB;

export type RequestLimits = {
  /** Bytes of one body. */
  readonly body: number;
  /** Milliseconds until a request is there as a whole, from its first byte on. Then Node answers 408. */
  readonly requestMs: number;
};

export type PortLimits = ClientLimits & RequestLimits;

/**
 * The limits of the admission port. One API server has at most 200 changing requests in flight by default (its flag
 * `--max-mutating-requests-inflight`), each on a connection of its own. When 490 clients of one address sent 128 KiB each at once,
 * other reviews waited for 0.7 s; with 200 of them, 0.1 s. `answerMs` and `requestMs` exceed the 10 s that the API server waits by default.
 */
export const ADMISSION_LIMITS: PortLimits & Omit<IntakeLimits, 'reviews' | 'waiting'> = {
  connections: 1000,
  connectionsPerAddress: 200,
  small: SMALL_BODY,
  smallBodies: 16 * MIB,
  largeBodies: 4 * BODY_LIMIT,
  answers: 16 * MIB,
  answerMs: 15_000,
  body: BODY_LIMIT,
  requestMs: 30_000,
  // 64 ordinary reviews have half of it. Full of empty objects, which take most memory for a byte, it would be 45 MiB.
  smallAtOnce: 2 * MIB,
  large: BODY_LIMIT,
  largeReviews: 2,
  shareMs: 1,
  waitMs: 3000,
};

/** So many reviews may wait for each one that may run. */
export const WAITING_PER_REVIEW = 8;

/** The limits of the health port, which the node's probes and a few scrapers of metrics use. Its answers have up to 30 KiB. */
export const HEALTH_LIMITS: PortLimits = {
  connections: 100,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  small: 0,
  smallBodies: 0,
  largeBodies: 0,
  answers: 4 * MIB,
  answerMs: 5000,
  body: 0,
  requestMs: 5000,
};

/** Bytes of a body that Node reads ahead while nobody takes them. Node's own 64 KiB let one turn of the event loop take twice as long. */
const HIGH_WATER_MARK = 16 * KIB;

/** Returns Node's options of a server with these limits. The head of a request of the API server has less than 4 KiB. */
export function serverOptions({ requestMs }: RequestLimits): ServerOptions {
  return {
    highWaterMark: HIGH_WATER_MARK,
    maxHeaderSize: 8 * KIB,
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: 1000,
  };
}

/** Returns after how many milliseconds without a byte a connection is closed: later than Node would answer 408 on it. */
export function silenceMs({ requestMs }: RequestLimits): number {
  return 2 * requestMs;
}

/** The order in which whole reviews are answered: small ones do not wait for large ones, and memory stays bounded. */
import { createDeadlines } from './deadlines.ts';

export type Intake = ReturnType<typeof createIntake>;

export type IntakeLimits = {
  /** So many reviews may run at once. */
  readonly reviews: number;
  /** Bytes of a review up to which it counts as small. */
  readonly small: number;
  /** Bytes of all small reviews that run at once. As objects they take up to 22 times as much. */
  readonly smallAtOnce: number;
  /** Bytes of all larger reviews that run at once; one that is larger still runs alone. */
  readonly large: number;
  /** So many larger reviews may run at once: as objects, many with few bytes take more memory than one with as many bytes as all of them. */
  readonly largeReviews: number;
  /** So many reviews may wait. Further ones are refused at once. */
  readonly waiting: number;
  /** Small reviews begin in the turn of the event loop of another one for so many milliseconds. */
  readonly shareMs: number;
  /** Milliseconds after which a review that still waits is refused, so that the API server asks another replica in time. */
  readonly waitMs: number;
};

/** The refusal of a review for which there is no room. The API server sends it again. */
export class Overloaded extends Error {
  override name = 'Overloaded';
  readonly statusCode = 503;
  constructor() {
    super('too many reviews at once: try again');
  }
}

/** The part of a response that says that its client has left. */
export type Client = {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
};

/** A small review waits if it is larger than this part of the room that is left, so that those near the limit leave room for ordinary ones. */
const SHARES = 8;

/** One for all, because a new error would take its stack each time. */
const GONE = new Error('the client has left');

type Waiting = {
  readonly bytes: number;
  readonly start: (leave: () => void) => void;
  readonly giveUp: (why: Error) => void;
};

/**
 * Lets reviews run one after the other, the smallest first, so that a small one waits for at most one other. Short ones share a turn
 * of the event loop, because a turn takes a fifth of the time of a review. Node accepts one connection per turn, so that long reviews
 * in every turn would keep new connections out. After each turn, connections therefore get up to one turn for each 4 ms that it took,
 * in at most a quarter of its time.
 */
export function createIntake(limits: IntakeLimits) {
  const waiting = new Set<Waiting>();
  const deadlines = createDeadlines<Waiting>(limits.waitMs, (late) => late.giveUp(new Overloaded()));
  const small = { reviews: 0, bytes: 0 };
  const large = { reviews: 0, bytes: 0 };
  let isPlanned = false;
  /** When the first review of the last turn began; undefined once the time of that turn has been taken. */
  let began: number | undefined;
  let turns = 0;
  let nextAt = 0;

  const running = () => small.reviews + large.reviews;
  const isSmall = ({ bytes }: Waiting) => bytes <= limits.small;

  function hasRoom(next: Waiting): boolean {
    if (isSmall(next)) return small.reviews === 0 || next.bytes <= (limits.smallAtOnce - small.bytes) / SHARES;
    return large.reviews === 0 || (large.reviews < limits.largeReviews && large.bytes + next.bytes <= limits.large);
  }

  const canShare = (next: Waiting) =>
    isSmall(next) && hasRoom(next) && began !== undefined && performance.now() - began < limits.shareMs;

  function plan(): void {
    if (isPlanned || waiting.size === 0 || running() >= limits.reviews) return;
    isPlanned = true;
    setImmediate(takeTurn);
  }

  function takeTurn(): void {
    const now = performance.now();
    isPlanned = false;
    if (began !== undefined) {
      turns = Math.floor((now - began) / 4);
      nextAt = now + turns;
      began = undefined;
    }
    if (turns > 0 && now < nextAt) {
      turns -= 1;
      plan();
    } else if (startNext(hasRoom)) {
      // The review has run by the next turn, or waits for an answer of the Kubernetes API.
      began = now;
      isPlanned = true;
      setImmediate(takeTurn);
    }
  }

  function startNext(mayStart: (next: Waiting) => boolean): boolean {
    if (running() >= limits.reviews) return false;
    let next: Waiting | undefined;
    for (const one of waiting) if ((!next || one.bytes < next.bytes) && mayStart(one)) next = one;
    if (!next) return false;
    waiting.delete(next);
    const { bytes } = next;
    const alike = isSmall(next) ? small : large;
    alike.reviews += 1;
    alike.bytes += bytes;
    next.start(() => {
      alike.reviews -= 1;
      alike.bytes -= bytes;
      if (!startNext(canShare)) plan();
    });
    return true;
  }

  return {
    inFlight: running,
    waiting: (): number => waiting.size,
    /**
     * Waits until a review of so many bytes may run, and returns the function that ends it. Throws `Overloaded` when it would wait
     * for too long, and another error when the client leaves.
     */
    async enter(bytes: number, client: Client): Promise<() => void> {
      if (client.destroyed) throw GONE;
      if (running() + waiting.size >= limits.reviews + limits.waiting) throw new Overloaded();
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const giveUp = (why: Error) => {
        if (waiting.delete(one)) reject(why);
      };
      const one = { bytes, start: resolve, giveUp };
      const onClose = () => giveUp(GONE);
      waiting.add(one);
      plan();
      deadlines.begin(one);
      client.once('close', onClose);
      try {
        return await promise;
      } finally {
        deadlines.end(one);
        client.off('close', onClose);
      }
    },
  };
}

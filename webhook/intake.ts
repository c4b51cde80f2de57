/** How many reviews are in memory at once, and how large they are together: a flood of them costs time, never memory. */

export type Intake = ReturnType<typeof createIntake>;

export type IntakeLimits = {
  readonly reviews: number;
  /** Of all large bodies together: those above an equal share of this, which each review has for itself. */
  readonly bytes: number;
  /** How many wait for others to end; further ones are sent away at once. */
  readonly waiting: number;
  readonly waitMs: number;
  /** How long a body may take to arrive while others wait. */
  readonly patienceMs: number;
};

/** What the client is told: come again. */
export class Overloaded extends Error {
  override name = 'Overloaded';
  readonly statusCode = 503;
  readonly code = 'ASI_OVERLOADED';
  /** `slow`: the body did not come while others waited. */
  readonly reason: 'overload' | 'slow';
  constructor(reason: Overloaded['reason']) {
    super(
      reason === 'slow' ? 'the request came too slowly while others waited' : 'too many reviews at once: try again',
    );
    this.reason = reason;
  }
}

/** A place among the reviews in memory. */
export type Place = {
  /** The whole body is there. */
  received(): void;
  /** May be called again and again. */
  leave(): void;
};

type Asked = {
  readonly bytes: number;
  /** Ends the reading of a body that comes too slowly. */
  readonly cut: (why: Overloaded) => void;
};

type Waiting = { readonly asked: Asked; readonly seat: (place: Place) => void };

/** Gives out places in the order in which they were asked for; but who asks for little passes those that ask for much. */
export function createIntake(limits: IntakeLimits) {
  const slow = new Set<() => void>();
  const queue = new Set<Waiting>();
  const share = limits.bytes / limits.reviews;
  const largeOf = ({ bytes }: Asked) => (bytes > share ? bytes : 0);
  let reviews = 0;
  let large = 0;

  // One that is larger than all of them may be together still goes in, alone.
  const hasRoom = (bytes: number) => bytes === 0 || large === 0 || large + bytes <= limits.bytes;

  const advance = (): void => {
    let isBlocked = false;
    for (const waiting of queue) {
      if (reviews >= limits.reviews) break;
      const bytes = largeOf(waiting.asked);
      isBlocked ||= !hasRoom(bytes);
      if (isBlocked && bytes > 0) continue;
      queue.delete(waiting);
      waiting.seat(sit(waiting.asked));
    }
    // One at a time: the place that it leaves calls this again.
    const [cut] = slow;
    if (queue.size > 0) cut?.();
  };

  const sit = (asked: Asked): Place => {
    const size = largeOf(asked);
    reviews += 1;
    large += size;
    const cutOff = () => {
      place.leave();
      asked.cut(new Overloaded('slow'));
    };
    const timer = setTimeout(() => {
      slow.add(cutOff);
      advance();
    }, limits.patienceMs);
    const received = () => {
      clearTimeout(timer);
      slow.delete(cutOff);
    };
    let isLeft = false;
    const place = {
      received,
      leave() {
        if (isLeft) return;
        isLeft = true;
        received();
        reviews -= 1;
        large -= size;
        advance();
      },
    };
    return place;
  };

  return {
    inFlight: (): number => reviews,
    waiting: (): number => queue.size,
    /** A place where there is one and nobody waits. */
    enterNow(asked: Asked): Place | undefined {
      return queue.size === 0 && reviews < limits.reviews && hasRoom(largeOf(asked)) ? sit(asked) : undefined;
    },
    /** A place in turn; throws `Overloaded` where there is none in time, and the reason of the signal. */
    async enter(asked: Asked, signal: AbortSignal): Promise<Place> {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<Place>();
      const waiting = { asked, seat: resolve };
      queue.add(waiting);
      advance();
      if (queue.size > limits.waiting && queue.delete(waiting)) throw new Overloaded('overload');
      const timer = setTimeout(() => reject(new Overloaded('overload')), limits.waitMs);
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      try {
        const place = await promise;
        if (signal.aborted) place.leave();
        signal.throwIfAborted();
        return place;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        // It may have been the one that the others stood behind.
        if (queue.delete(waiting)) advance();
      }
    },
  };
}

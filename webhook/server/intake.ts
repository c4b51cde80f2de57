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

type State = {
  readonly limits: IntakeLimits;
  readonly queue: Set<Waiting>;
  /** Ends of bodies that have taken longer than the others' patience. */
  readonly slow: Set<() => void>;
  /** That have a place. */
  reviews: number;
  /** Bytes of those among them that are large. */
  large: number;
};

/** Gives out places in the order in which they were asked for; but who asks for little passes those that ask for much. */
export function createIntake(limits: IntakeLimits) {
  const state: State = { limits, queue: new Set(), slow: new Set(), reviews: 0, large: 0 };
  return {
    inFlight: (): number => state.reviews,
    waiting: (): number => state.queue.size,
    /** A place where there is one and nobody waits. */
    enterNow: (asked: Asked): Place | undefined =>
      state.queue.size === 0 && state.reviews < limits.reviews && hasRoom(state, largeOf(state, asked))
        ? sit(state, asked)
        : undefined,
    /** A place in turn; throws `Overloaded` where there is none in time, and the reason of the signal. */
    enter: (asked: Asked, signal: AbortSignal): Promise<Place> => waitFor(state, asked, signal),
  };
}

/** What counts of its bytes: nothing, where it has no more than its share. */
function largeOf({ limits }: State, { bytes }: Asked): number {
  return bytes > limits.bytes / limits.reviews ? bytes : 0;
}

/** One that is larger than all of them may be together still goes in, alone. */
function hasRoom({ limits, large }: State, bytes: number): boolean {
  return bytes === 0 || large === 0 || large + bytes <= limits.bytes;
}

async function waitFor(state: State, asked: Asked, signal: AbortSignal): Promise<Place> {
  signal.throwIfAborted();
  const { limits, queue } = state;
  const { promise, resolve, reject } = Promise.withResolvers<Place>();
  const waiting = { asked, seat: resolve };
  queue.add(waiting);
  advance(state);
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
    if (queue.delete(waiting)) advance(state);
  }
}

/** Seats all that there is room for; where some still wait, the slowest body makes room. */
function advance(state: State): void {
  const { limits, queue, slow } = state;
  let isBlocked = false;
  for (const waiting of queue) {
    if (state.reviews >= limits.reviews) break;
    const bytes = largeOf(state, waiting.asked);
    isBlocked ||= !hasRoom(state, bytes);
    if (isBlocked && bytes > 0) continue;
    queue.delete(waiting);
    waiting.seat(sit(state, waiting.asked));
  }
  // One at a time: the place that it leaves calls this again.
  const [cut] = slow;
  if (queue.size > 0) cut?.();
}

function sit(state: State, asked: Asked): Place {
  const { limits, slow } = state;
  const size = largeOf(state, asked);
  state.reviews += 1;
  state.large += size;
  const cutOff = () => {
    place.leave();
    asked.cut(new Overloaded('slow'));
  };
  const timer = setTimeout(() => {
    slow.add(cutOff);
    advance(state);
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
      state.reviews -= 1;
      state.large -= size;
      advance(state);
    },
  };
  return place;
}

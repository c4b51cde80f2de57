/** The order in which whole reviews are answered: small ones do not wait for large ones, and memory stays bounded. */

export type Intake = ReturnType<typeof createIntake>;

export type IntakeLimits = {
  /** So many reviews may run at once. */
  readonly reviews: number;
  /** Bytes of a review up to which it counts as small. */
  readonly small: number;
  /** Bytes of all larger reviews that run at once; one that is larger still runs alone. As objects they take several times as much. */
  readonly large: number;
  /** So many reviews may wait. Further ones are refused at once. */
  readonly waiting: number;
  /** Milliseconds after which a review that still waits is refused, so that the API server asks another replica in time. */
  readonly waitMs: number;
};

/** The refusal of a review for which there is no room. The API server sends it again. */
export class Overloaded extends Error {
  override name = 'Overloaded';
  readonly code = 'ASI_OVERLOADED';
  readonly statusCode = 503;
  constructor() {
    super('too many reviews at once: try again');
  }
}

type Waiting = { readonly bytes: number; readonly start: (leave: () => void) => void };

/**
 * Lets reviews run one after the other, the smallest first, so that a small one waits for at most one other. Node accepts one
 * connection per turn of the event loop, so that long reviews in every turn would keep new connections out. After each review,
 * connections therefore get up to one turn for each 4 ms that it took, in at most a quarter of its time.
 */
export function createIntake(limits: IntakeLimits) {
  const waiting = new Set<Waiting>();
  let running = 0;
  let large = 0;
  let isPlanned = false;
  let turns = 0;
  let nextAt = 0;

  const hasRoom = ({ bytes }: Waiting) => bytes <= limits.small || large === 0 || large + bytes <= limits.large;

  function plan(): void {
    if (isPlanned || waiting.size === 0 || running >= limits.reviews) return;
    isPlanned = true;
    setImmediate(takeTurn);
  }

  function takeTurn(): void {
    isPlanned = false;
    const started = performance.now();
    if (turns > 0 && started < nextAt) {
      turns -= 1;
      plan();
      return;
    }
    // The review has run by the next turn, or waits for an answer of the Kubernetes API.
    const isStarted = startNext();
    setImmediate(() => {
      const ended = performance.now();
      turns = Math.floor((ended - started) / 4);
      nextAt = ended + turns;
      if (isStarted) plan();
    });
  }

  function startNext(): boolean {
    let next: Waiting | undefined;
    for (const one of waiting) if (!next || one.bytes < next.bytes) next = one;
    if (!next || !hasRoom(next)) return false;
    waiting.delete(next);
    const bytes = next.bytes <= limits.small ? 0 : next.bytes;
    running += 1;
    large += bytes;
    next.start(() => {
      running -= 1;
      large -= bytes;
      plan();
    });
    return true;
  }

  return {
    inFlight: (): number => running,
    waiting: (): number => waiting.size,
    /**
     * Waits until a review of so many bytes may run, and returns the function that ends it. Throws `Overloaded` when it would wait
     * for too long, and the reason of the signal when that is aborted.
     */
    async enter(bytes: number, signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (running + waiting.size >= limits.reviews + limits.waiting) throw new Overloaded();
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const one = { bytes, start: resolve };
      const giveUp = (why: unknown) => {
        if (waiting.delete(one)) reject(why);
      };
      waiting.add(one);
      plan();
      const timer = setTimeout(() => giveUp(new Overloaded()), limits.waitMs);
      const onAbort = () => giveUp(signal.reason);
      signal.addEventListener('abort', onAbort);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

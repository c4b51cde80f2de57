/** Ends what takes too long, with one timer for all of it: a timer for each review would take a fiftieth of its time. */

export type Deadlines<T> = {
  /** Begins the time of `one`, or begins it again. */
  begin(one: T): void;
  /** Ends the time of `one`, which is not late any more. */
  end(one: T): void;
};

/** Calls `onLate` for each that has begun and has not ended after so many milliseconds. It keeps no process alive. */
export function createDeadlines<T>(ms: number, onLate: (late: T) => void): Deadlines<T> {
  /** When each began, the first of them first. */
  const begun = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;

  function wait(left: number): void {
    timer = setTimeout(endLate, left).unref();
  }

  function endLate(): void {
    timer = undefined;
    for (const [one, began] of begun) {
      const left = began + ms - performance.now();
      if (left > 0) {
        wait(left);
        return;
      }
      begun.delete(one);
      onLate(one);
    }
  }

  return {
    begin(one) {
      begun.delete(one);
      begun.set(one, performance.now());
      if (!timer) wait(ms);
    },
    end(one) {
      begun.delete(one);
    },
  };
}

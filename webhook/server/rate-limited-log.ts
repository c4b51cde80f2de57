/** Limits warnings that anybody who reaches the webhook may cause, so that a flood of requests is no flood of lines. */

type Warn = (object: object, message: string) => void;

const PAUSE_MS = 1000;

/**
 * Returns a function that writes a warning at most once a second for each message. The next line has the number of those that
 * were left out as `suppressed`. The metrics count all of them. `now` is in milliseconds.
 */
export function rateLimited(log: { readonly warn: Warn }, now: () => number = () => performance.now()): Warn {
  const written = new Map<string, { readonly at: number; suppressed: number }>();
  return (object, message) => {
    const last = written.get(message);
    if (last && now() - last.at < PAUSE_MS) {
      last.suppressed += 1;
      return;
    }
    written.set(message, { at: now(), suppressed: 0 });
    log.warn({ ...object, ...(last?.suppressed && { suppressed: last.suppressed }) }, message);
  };
}

/** Warnings about what anybody who reaches the webhook may cause: a flood of requests is to be no flood of lines. */

type Warn = (object: object, message: string) => void;

const PAUSE_MS = 1000;

/** Of each message, one line a second; the next says how many were left out. The metrics count all of them. */
export function sparingly(log: { readonly warn: Warn }, now: () => number = () => performance.now()): Warn {
  const said = new Map<string, { readonly at: number; unsaid: number }>();
  return (object, message) => {
    const last = said.get(message);
    if (last && now() - last.at < PAUSE_MS) {
      last.unsaid += 1;
      return;
    }
    said.set(message, { at: now(), unsaid: 0 });
    log.warn({ ...object, ...(last?.unsaid && { unsaid: last.unsaid }) }, message);
  };
}

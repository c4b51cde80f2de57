/** Has the log format of all programs: each line is a JSON object with `time`, `level` and `message`, as the injector's. */

const SECOND_MS = 1000;

/** The text of the second in which the last line was written, up to its point. Most lines share it with the line before. */
let second = { number: Number.NaN, text: '' };

/** Returns a time in ISO 8601, as `Date` writes it. It is given in whole milliseconds since 1970. */
export function isoTime(now: number): string {
  const number = Math.floor(now / SECOND_MS);
  if (number !== second.number) {
    second = { number, text: new Date(number * SECOND_MS).toISOString().slice(0, -'000Z'.length) };
  }
  return `${second.text}${String(now - number * SECOND_MS).padStart(3, '0')}Z`;
}

/** Has the options of pino for times in ISO 8601 and levels in words. */
export const LOG_FORMAT = {
  messageKey: 'message',
  // Lines have no process ID and no hostname: both say nothing in a container.
  base: null,
  timestamp: () => `,"time":"${isoTime(Date.now())}"`,
  formatters: { level: (label: string) => ({ level: label }) },
} as const;

/** Returns a line of that format, for a process that has no logger. */
export function logLine(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): string {
  return `${JSON.stringify({ time: isoTime(Date.now()), level, message, ...fields })}\n`;
}

/** Has the log format of all programs: each line is a JSON object with `time`, `level` and `message`, as the injector's. */

/** Has the options of pino for times in ISO 8601 and levels in words. */
export const LOG_FORMAT = {
  messageKey: 'message',
  // Lines have no process ID and no hostname: both say nothing in a container.
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
} as const;

/** Returns a line of that format, for a process that has no logger. */
export function logLine(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`;
}

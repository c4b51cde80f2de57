/** Gives the webhook the log format of the injector: each line is a JSON object with `time`, `level` and `message`. */

/** Has the options of pino for times in ISO 8601 and levels in words. */
export const LOG_FORMAT = {
  messageKey: 'message',
  // Lines have no process ID and no hostname: both say nothing in a container.
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
} as const;

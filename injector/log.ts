/** Writes log lines in the form of all programs of the product: JSON with `time`, `level` and `message`. The caller decides where they go. */
import type { InjectorConfig } from './contract/config.ts';

type LogLevel = InjectorConfig['log']['level'];

type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogOutput = {
  readonly now: () => Date;
  /** The log calls this with each line, which ends with a line break. */
  readonly write: (line: string) => void;
  /** Returns the text without what is secret. */
  readonly redact: (text: string) => string;
};

/** Returns a log that writes each line of at least the level, without what is secret. */
export function createLog(settings: InjectorConfig['log'], { now, write, redact }: LogOutput): Log {
  const lowest = ORDER.indexOf(settings.level);
  return (level, message, fields = {}) => {
    if (ORDER.indexOf(level) < lowest) return;
    const safe = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value) : value,
    ]);
    const line = { time: now().toISOString(), level, message: redact(message), ...Object.fromEntries(safe) };
    write(`${JSON.stringify(line)}\n`);
  };
}

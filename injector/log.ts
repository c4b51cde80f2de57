/** Writes log lines as JSON or as text. The caller decides where they go. */
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
  const line = settings.format === 'json' ? asJson : asText;
  return (level, message, fields = {}) => {
    if (ORDER.indexOf(level) < lowest) return;
    const safe = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value) : value,
    ]);
    write(line(now().toISOString(), level, redact(message), Object.fromEntries(safe)));
  };
}

function asJson(time: string, level: LogLevel, message: string, fields: LogFields): string {
  return `${JSON.stringify({ time, level, message, ...fields })}\n`;
}

function asText(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`);
  return `${time} ${level.toUpperCase()} ${message.replaceAll('\n', ' ')}${pairs.join('')}\n`;
}

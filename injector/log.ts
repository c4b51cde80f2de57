/** Log lines as JSON or text. Where they go is the caller's; nothing here can hold a value. */
import type { InjectorConfig } from './config.ts';

export type LogLevel = InjectorConfig['log']['level'];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A log that hands each line of at least the level to `write`. */
export function createLog(settings: InjectorConfig['log'], now: () => Date, write: (line: string) => void): Log {
  const lowest = ORDER.indexOf(settings.level);
  return (level, message, fields = {}) => {
    if (ORDER.indexOf(level) < lowest) return;
    const time = now().toISOString();
    write(settings.format === 'json' ? asJson(time, level, message, fields) : asText(time, level, message, fields));
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

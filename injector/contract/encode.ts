/** Writes the configuration as the text of an environment variable, and reads it back. */
import * as v from 'valibot';
import { InjectorConfig } from './config.ts';
import { withoutDefaults } from './defaults.ts';
import { CHECKS_IN_TURN, problemsIn } from './schema-problems.ts';

/** Limits the encoded configuration, in bytes. Linux allows 128 KiB for one `NAME=value`; the rest is left for later versions. */
export const CONFIG_LIMIT = 96 * 1024;

/** Says that {@link decodeConfig} could not read a text. The message explains to people what is wrong with it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Returns the configuration as the value of an environment variable. The kubelet expands `$(NAME)` and `$$` there, so every
 * `$` is written as its JSON escape: no configuration can refer to another variable.
 */
export function encodeConfig(config: InjectorConfig): string {
  return JSON.stringify(withoutDefaults(config)).replaceAll('$', '\\u0024');
}

/** Reads what {@link encodeConfig} wrote. Throws {@link ConfigError} for anything else. */
export function decodeConfig(text: string): InjectorConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError('it is not JSON');
  }
  const result = v.safeParse(InjectorConfig, json, CHECKS_IN_TURN);
  if (!result.success) throw new ConfigError(problemsIn(result.issues).join('; '));
  return result.output;
}

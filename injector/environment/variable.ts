/** Variables on their way out of the injector, and why one of them can't go. */
import type { FailureCode } from '../errors.ts';
import type { Secret } from '../secret.ts';

export type Variable = { readonly name: string; readonly value: Secret };

/** Why a variable can't be written; `fix` is the way out, where it is not the catalogue's. */
export type Problem = {
  readonly code: Extract<FailureCode, 'ASI_OUT_NAME' | 'ASI_OUT_VALUE' | 'ASI_ENV_VALUE' | 'ASI_ENV_SIZE'>;
  readonly cause: string;
  readonly fix?: string;
};

/** The value as text, byte for byte; undefined where it is not UTF-8. */
export function textOf(value: Secret): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value.reveal());
  } catch {
    return undefined;
  }
}

/** Why the kubelet and docker can't read the name; undefined where they can. */
export function nameProblem(name: string): string | undefined {
  const isReadable = /^[!-<>-~]+$/.test(name) && !name.startsWith('#');
  return isReadable ? undefined : 'The name needs visible ASCII characters without = and without a leading #.';
}

export function notText(): Problem {
  const fix = 'Write it to a file of its own (files), which carries any bytes.';
  return { code: 'ASI_OUT_VALUE', cause: 'The value is not UTF-8 text.', fix };
}

export function withNul(): Problem {
  const fix = 'Write it to a file of its own (files): no environment variable can hold a NUL.';
  return { code: 'ASI_OUT_VALUE', cause: 'The value has a NUL.', fix };
}

export function notIdentifier(): Problem {
  return { code: 'ASI_OUT_NAME', cause: 'A name needs letters, digits and _, and no digit first.' };
}

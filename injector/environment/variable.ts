/** Describes variables and the reasons why one of them can not be written. */
import type { FailureCode } from '../errors.ts';
import type { Secret } from '../secret.ts';

export type Variable = {
  readonly name: string;
  readonly value: Secret;
  /** The reference of a container to a synced Secret that the variable replaces; absent if an annotation declares the variable. */
  readonly replaces?: { readonly container: string; readonly secretName: string };
};

/** Says why a variable can not be written. `fix` is present if it is not the catalogue's. */
export type Problem = {
  readonly code: Extract<FailureCode, 'ASI_OUT_NAME' | 'ASI_OUT_VALUE' | 'ASI_ENV_VALUE' | 'ASI_ENV_SIZE'>;
  readonly cause: string;
  readonly fix?: string;
};

/** Says what is always left for a reference of a container to a synced Secret, as the file of the class holds any value. */
export const INSTEAD_OF_SECRET =
  'Let the container read the file of its SecretProviderClass, and take the reference to the Secret out of the pod';

/** Returns the value as text, byte for byte, or undefined if it is not UTF-8. */
export function textOf(value: Secret): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value.reveal());
  } catch {
    return undefined;
  }
}

/** Returns why the kubelet and docker can not read the name, or undefined if they can. */
export function nameProblem(name: string): string | undefined {
  const isReadable = /^[!-<>-~]+$/.test(name) && !name.startsWith('#');
  return isReadable ? undefined : 'The name needs visible ASCII characters without = and without a leading #.';
}

/** Returns the problem of a value that is not UTF-8. */
export function notText(): Problem {
  const fix = 'Write it to a file of its own (files), which carries any bytes.';
  return { code: 'ASI_OUT_VALUE', cause: 'The value is not UTF-8 text.', fix };
}

/** Returns the problem of a value that has a NUL. */
export function withNul(): Problem {
  const fix = 'Write it to a file of its own (files): no environment variable can hold a NUL.';
  return { code: 'ASI_OUT_VALUE', cause: 'The value has a NUL.', fix };
}

/** Returns the problem of a name that no shell and no reader of dotenv can have. */
export function notIdentifier(): Problem {
  return { code: 'ASI_OUT_NAME', cause: 'A name needs letters, digits and _, and no digit first.' };
}

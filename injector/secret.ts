import { LARGEST_VALUE } from './contract/services.ts';

/**
 * Names the method that Node calls to print an object. The symbol is registered, so that no import of `node:util` is needed.
 */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Says where AWS gave a value: the region, and the version's id, or its number. It is no secret. */
export type Origin = { readonly region: string; readonly version: string | undefined };

/** Holds a value from AWS. However it is printed, it prints `[redacted]`; only {@link Secret.reveal} gives the bytes. */
export class Secret {
  readonly #bytes: Uint8Array;
  /** Absent: the value is made of others. */
  readonly origin: Origin | undefined;

  constructor(value: Uint8Array | string, origin?: Origin) {
    this.origin = origin;
    this.#bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  }

  /** Returns the bytes themselves, to write them or to read their parts. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect](): string {
    return '[redacted]';
  }
}

/** Returns whether the value is larger than any service allows. A parameter has fewer bytes, but may stand for a secret. */
export function isTooLarge(secret: Secret): boolean {
  return secret.length > LARGEST_VALUE;
}

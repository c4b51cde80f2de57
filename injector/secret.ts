import { LARGEST_VALUE } from './contract/services.ts';

/**
 * Names the method that Node calls to print an object. The symbol is registered, so that no import of `node:util` is needed.
 */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Holds a value from AWS. However it is printed, it prints `[redacted]`; only {@link Secret.reveal} gives the bytes. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(value: Uint8Array | string) {
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

/**
 * Returns the value in an answer of AWS, or undefined if it is neither text nor bytes, as the SDK passes on whatever its JSON
 * holds.
 */
export function secretIn(value: unknown): Secret | undefined {
  return typeof value === 'string' || value instanceof Uint8Array ? new Secret(value) : undefined;
}

/** Returns whether the value is larger than any service allows. A parameter has fewer bytes, but may stand for a secret. */
export function isTooLarge(secret: Secret): boolean {
  return secret.length > LARGEST_VALUE;
}

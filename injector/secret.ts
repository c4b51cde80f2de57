import { LARGEST_VALUE } from './contract/services.ts';

/** The node convention for an object that prints itself; a registered symbol, so that no import of `node:util` is needed. */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value from AWS. However it is printed, it prints `[redacted]`; only {@link Secret.reveal} gives the bytes. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(value: Uint8Array | string) {
    this.#bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  }

  /** The bytes themselves, for whoever writes or takes them apart. */
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

/** Returns what an answer of AWS has as a value; undefined where it is none, as the SDK passes on whatever its JSON holds. */
export function secretIn(value: unknown): Secret | undefined {
  return typeof value === 'string' || value instanceof Uint8Array ? new Secret(value) : undefined;
}

/** Returns whether the value is larger than any service allows. A parameter has fewer bytes, but may stand for a secret. */
export function isTooLarge(secret: Secret): boolean {
  return secret.length > LARGEST_VALUE;
}

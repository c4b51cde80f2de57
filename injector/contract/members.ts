/** Tells objects of JSON from its other values. */

export type Members = Readonly<Record<string, unknown>>;

/** Returns whether the value is an object, and no list. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

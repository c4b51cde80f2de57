/**
 * Checks that a JSON value has the members that the webhook reads. A check stops at the first problem and allocates
 * nothing if there is none, so that a body of megabytes costs one look at each of its elements.
 */
import { echo } from '../declare/echo.ts';

/** A part of a value that is not what it should be. */
type Mismatch = {
  /** The keys on the way to the part, the innermost first. */
  readonly keys: string[];
  /** The description of what the part should be, like "a string". */
  readonly expected: string;
};

/** A check that returns the first mismatch in a value, or undefined if the value is a `T`. */
export type Shape<T> = {
  (value: unknown): Mismatch | undefined;
  /** Exists only in types: it lets TypeScript infer `T`. */
  readonly type?: T;
};

/** The type of the values that a shape lets through. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never;

type Members = Readonly<Record<string, Shape<unknown>>>;
type Optional<M extends Members> = { [K in keyof M]: undefined extends TypeOf<M[K]> ? K : never }[keyof M];
type Known<M extends Members> = { [K in Exclude<keyof M, Optional<M>>]: TypeOf<M[K]> } & {
  [K in Optional<M>]?: TypeOf<M[K]>;
};

export const anything: Shape<unknown> = () => undefined;
export const text: Shape<string> = (value) => (typeof value === 'string' ? undefined : mismatch('a string'));
/**
 * A name or UID of Kubernetes; none is longer.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export const name: Shape<string> = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 253 ? undefined : mismatch('1 to 253 characters');
export const number: Shape<number> = (value) => (typeof value === 'number' ? undefined : mismatch('a number'));
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? undefined : mismatch('true or false'));
export const textOrNumber: Shape<string | number> = (value) =>
  typeof value === 'string' || typeof value === 'number' ? undefined : mismatch('a string or a number');

/** An object with any members. The webhook reads only a few of them, and compares these with texts. */
export const object: Shape<Record<string, unknown>> = (value) => (isRecord(value) ? undefined : mismatch('an object'));

export const emptyList: Shape<[]> = (value) =>
  Array.isArray(value) && value.length === 0 ? undefined : mismatch('an empty list');

/** Returns a shape that lets only the `wanted` text through. */
export function exactly<T extends string>(wanted: T): Shape<T> {
  return (value) => (value === wanted ? undefined : mismatch(`"${wanted}"`));
}

/** Returns a shape that lets null and undefined through as well. */
export function optional<T>(shape: Shape<T>): Shape<T | null | undefined> {
  return (value) => (value === undefined || value === null ? undefined : shape(value));
}

/** Returns the shape of a list. */
export function listOf<T>(element: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return mismatch('a list');
    for (let index = 0; index < value.length; index += 1) {
      const found = element(value[index]);
      if (found) return below(String(index), found);
    }
    return undefined;
  };
}

/** Returns the shape of an object whose members all have one shape, whatever their names are. */
export function mapOf<T>(member: Shape<T>): Shape<Record<string, T>> {
  return (value) => {
    if (!isRecord(value)) return mismatch('an object');
    for (const key of Object.keys(value)) {
      const found = member(value[key]);
      if (found) return below(key, found);
    }
    return undefined;
  };
}

/** Returns the shape of an object with these members. Further members are ignored. */
export function objectOf<M extends Members>(members: M): Shape<Known<M> & { [key: string]: unknown }> {
  const [keys, shapes] = [Object.keys(members), Object.values(members)];
  return (value) => {
    if (!isRecord(value)) return mismatch('an object');
    // Every review comes here a few hundred times: entries to destructure would take a third longer.
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const found = shapes[index]?.(value[key]);
      if (found) return below(key, found);
    }
    return undefined;
  };
}

/** Returns the first problem of a value as a sentence that starts with its path, or undefined if it has the shape. */
export function problemIn(value: unknown, shape: Shape<unknown>, name: string): string | undefined {
  const found = shape(value);
  return found && `${[name, ...found.keys.reverse().map(echo)].join('.')}: expected ${found.expected}`;
}

function mismatch(expected: string): Mismatch {
  return { keys: [], expected };
}

function below(key: string, found: Mismatch): Mismatch {
  found.keys.push(key);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

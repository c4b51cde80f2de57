import * as v from 'valibot';
import type { Location } from './arn.ts';
import { AwsError } from './error.ts';
import type { Principal } from './iam/policy.ts';
import type { World } from './world.ts';

/** Describes a verified call: its caller, its account and region, and the world. */
export type Context = {
  world: World;
  caller: Principal;
  /** The caller's account and the region of the signature, where plain names are looked up. */
  location: Location;
  requestId: string;
};

/** Is one operation of a JSON service. */
export type Operation = (context: Context, input: unknown) => object;

/** Returns the input in its shape. Throws AWS's ValidationException if it has another one. */
export function read<T>(schema: v.GenericSchema<unknown, T>, input: unknown): T {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const texts = result.issues.map((issue) => {
    const path = String(issue.path?.[0].key ?? 'input');
    const member = `${path.charAt(0).toLowerCase()}${path.slice(1)}`;
    return `Value at '${member}' failed to satisfy constraint: ${constraintOf(issue)}`;
  });
  const errors = texts.length === 1 ? 'error' : 'errors';
  throw new AwsError('ValidationException', `${texts.length} validation ${errors} detected: ${texts.join('; ')}`);
}

function constraintOf({ kind, type, input, expected, message }: v.BaseIssue<unknown>): string {
  if (input === undefined || input === null) return 'Member must not be null';
  // Messages of the library about other types would repeat the value.
  return kind === 'schema' && type !== 'picklist' ? `Member must be ${expected}` : message;
}

/** A time as JSON protocols write it. */
export function epoch(date: Date): number {
  return date.getTime() / 1000;
}

/** Without the members that are undefined. */
export function present(object: { [name: string]: unknown }): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

import type { z } from 'zod';
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
export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const texts = issues.map((issue) => {
    const path = String(issue.path[0] ?? 'input');
    const member = `${path.charAt(0).toLowerCase()}${path.slice(1)}`;
    return `Value at '${member}' failed to satisfy constraint: ${issue.message}`;
  });
  const errors = texts.length === 1 ? 'error' : 'errors';
  throw new AwsError('ValidationException', `${texts.length} validation ${errors} detected: ${texts.join('; ')}`);
}

/** A time as JSON protocols write it. */
export function epoch(date: Date): number {
  return date.getTime() / 1000;
}

/** Without the members that are undefined. */
export function present(object: { [name: string]: unknown }): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

import { randomBytes } from 'node:crypto';
import { AwsError } from './error.ts';

type Page<T> = { items: T[]; nextToken: string | undefined };

/** The key of this process, so that the tokens of another one are not understood. */
const KEY = randomBytes(4).toString('hex');

/**
 * One page of a list. AWS may give a page with fewer items than asked for, and even none, together with a token: here the
 * second of several pages is empty. Tokens are opaque, and refused under the service's own name for that where they are foreign.
 */
export function pageOf<T>(
  list: T[],
  { token, size, refusal }: { token: string | undefined; size: number; refusal: string },
): Page<T> {
  const { start, gap } = read(token, refusal);
  const page = gap ? [] : list.slice(start, start + size);
  const next = start + page.length;
  const over = next >= list.length && !gap;
  return { items: page, nextToken: over ? undefined : write(next, start === 0 && !gap) };
}

function write(start: number, gap: boolean): string {
  return Buffer.from(JSON.stringify([KEY, start, gap])).toString('base64');
}

function read(token: string | undefined, refusal: string): { start: number; gap: boolean } {
  if (token === undefined) return { start: 0, gap: false };
  try {
    const [key, start, gap] = JSON.parse(Buffer.from(token, 'base64').toString()) as [string, number, boolean];
    if (key === KEY) return { start, gap };
  } catch {
    // The text is no token of ours.
  }
  throw new AwsError(refusal, 'The specified token is not valid.');
}

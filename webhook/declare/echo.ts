/** Quotes user input in refusals: short, on one line, and free of control characters. */

import { UNPRINTABLE } from '../../injector/contract/text.ts';

/** A quote has at most so many characters. */
const LONGEST = 100;

/** Returns the text cut to about 100 characters, with `?` for control characters and broken Unicode. */
export function echo(text: string): string {
  const start = text.slice(0, LONGEST + 1).toWellFormed();
  const visible = start.replace(UNPRINTABLE, '?');
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST - 1).toWellFormed()}…` : visible;
}

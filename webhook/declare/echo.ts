/** Quotes user input in refusals: short, on one line, and free of control characters. */

/** A quote has at most so many characters. */
const LONGEST = 100;

/** Returns the text cut to about 100 characters, with `?` for control characters and broken Unicode. */
export function echo(text: string): string {
  const start = text.slice(0, LONGEST + 1).toWellFormed();
  const clean = start.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1).toWellFormed()}…` : clean;
}

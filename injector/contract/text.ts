/**
 * Returns the text as one line of visible characters, with at most `limit` of them, as names and the words of AWS may hold
 * anything.
 */
export function clean(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit).toWellFormed()}…` : line;
}

/** The text as one line of visible characters, not longer than the limit: names and AWS's words may hold anything. */
export function clean(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit).toWellFormed()}…` : line;
}

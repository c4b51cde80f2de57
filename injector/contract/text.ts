/** Prepares text of others for a message. Names, values of annotations and the words of AWS may hold anything. */

/** Matches what would end a line, steer a terminal or hide in it: control and format characters, and Unicode's separators. */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const UNPRINTABLE_RUN = new RegExp(`${UNPRINTABLE.source}+`, 'gu');

/** Returns the text as one line of visible characters: at most `limit` UTF-16 units, and `…` if there was more. */
export function oneLine(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = text.replace(UNPRINTABLE_RUN, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit).toWellFormed()}…` : line;
}

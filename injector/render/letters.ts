/** Changes the letters and the white space of a text as Go does: `upper`, `lower` and `trim` of Sprig. */

/** https://pkg.go.dev/unicode#IsSpace */
const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Returns the text with capitals. A letter whose capital is more than one character, like ß, stays as it is. */
export function upper(text: string): string {
  return each(text, (letter) => letter.toUpperCase());
}

/** Returns the text with small letters. */
export function lower(text: string): string {
  return each(text, (letter) => (letter === 'İ' ? 'i' : letter.toLowerCase()));
}

/** Returns the text without the white space at its beginning and at its end. */
export function trim(text: string): string {
  const start = SPACE.exec(text)?.[0].length ?? 0;
  let end = text.length;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function each(text: string, change: (letter: string) => string): string {
  let changed = '';
  for (const letter of text) {
    const other = change(letter);
    changed += [...other].length === 1 ? other : letter;
  }
  return changed;
}

/** Guesses what a person meant who wrote a key without the quotes that JMESPath wants, or in the syntax of JSONPath. */

/** Matches a key as people write it: letters of any script, digits, `_`, `-`, `/`, `:`, `+`, `%` and single blanks inside. */
const KEY = /[\p{L}\p{N}_/:+%-]+(?: [\p{L}\p{N}_/:+%-]+)*/uy;
const REST = /(?:\[(?:-?\d+|\*)?\])*(?:\.|$)/y;
/** Matches what JSONPath and jq put before a key. */
const START = /^\s*\$?\./;

/** A longer expression is no slip of the pen. */
const LONGEST = 300;

/**
 * Returns the expression that is meant where keys lack their quotes, or where a dot is too much: `a-b[0].c` becomes
 * `"a-b"[0].c`, and `.username` becomes `username`. Returns undefined if there is no guess.
 */
export function meant(expression: string): string | undefined {
  if (expression.length > LONGEST) return undefined;
  const text = expression.replace(START, '').trim().replace(/\.$/, '');
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const key = take(KEY, text, at);
    const rest = key === undefined ? undefined : take(REST, text, at + key.length);
    if (key === undefined || rest === undefined) return undefined;
    parts.push(quoteKey(key), rest);
    at += key.length + rest.length;
  }
  const whole = parts.join('');
  return whole === '' || whole === expression || whole.endsWith('.') ? undefined : whole;
}

/** Returns a key as a JMESPath expression: in double quotes unless it is a plain name. */
export function quoteKey(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

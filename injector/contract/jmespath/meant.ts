/** Guesses what an expression means whose author forgot that JMESPath needs quotes around a key like `a-b`. */

const KEY = /[\w/-]+/y;
const REST = /(?:\[(?:-?\d+|\*)?\])*(?:\.|$)/y;

/**
 * Returns the expression with quotes, like `"a-b"[0].c` for `a-b[0].c`, if it has keys with `-` or `/`, or keys that begin with
 * a digit. Returns undefined for any other.
 */
export function meant(expression: string): string | undefined {
  const parts: string[] = [];
  let at = 0;
  while (at < expression.length) {
    const key = take(KEY, expression, at);
    const rest = key === undefined ? undefined : take(REST, expression, at + key.length);
    if (key === undefined || rest === undefined) return undefined;
    parts.push(/^[A-Za-z_]\w*$/.test(key) ? key : `"${key}"`, rest);
    at += key.length + rest.length;
  }
  const whole = parts.join('');
  return whole === expression || whole.endsWith('.') ? undefined : whole;
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Who writes `a-b` forgot that JMESPath wants quotes there. */

const KEY = /[\w/-]+/y;
const REST = /(?:\[(?:-?\d+|\*)?\])*(?:\.|$)/y;

/** `a-b[0].c` → `"a-b"[0].c`, the expression that is meant where keys hold `-`, `/` or start with a digit; else undefined. */
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

/** Reads numbers as Go's `strconv.ParseFloat` does, for to_number. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;
const STRAY_UNDERSCORE = /(?<!\d)_|_(?!\d)/;
const STRAY_UNDERSCORE_HEX = /(?<![\da-fx])_|_(?![\da-f])/i;

/** Returns the nearest number, or undefined if Go reads none or it is out of range. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const isHexadecimal = /^[+-]?0x/i.test(text);
  if ((isHexadecimal ? STRAY_UNDERSCORE_HEX : STRAY_UNDERSCORE).test(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const value = isHexadecimal ? hexadecimal(digits) : DECIMAL.test(digits) ? Number(digits) : undefined;
  return Number.isFinite(value) ? value : undefined;
}

function hexadecimal(text: string): number | undefined {
  const [, sign, whole = '', fraction = '', exponent] = HEXADECIMAL.exec(text) ?? [];
  if (whole + fraction === '') return undefined;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** Turns a YAML scalar into the text that sigs.k8s.io/yaml puts into a Go string. ASCP reads `objects` with it. */
import type { Scalar } from './tree.ts';

const TAG = 'tag:yaml.org,2002:';
const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
/** A number of 64 bits has at most so many digits, in base 2. Reading a longer one would take more than linear time. */
const LONGEST_INTEGER = 64;
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ['.nan', 'NaN'],
  ['.inf', '+Inf'],
  ['+.inf', '+Inf'],
  ['-.inf', '-Inf'],
]);

/** Returns the text that ASCP would get. Go changes version labels that look like numbers (`1.10` → `1.1`), and reads `y` as `true`. */
export function goScalar(scalar: Scalar): string {
  const { text, tag, style } = scalar;
  if (tag === `${TAG}binary`) return Buffer.from(text, 'base64').toString();
  if (tag === `${TAG}float` && INTEGER.test(text)) return formatFloat32(Number(text));
  const resolves = tag === undefined ? style === 'plain' : tag !== `${TAG}str`;
  return resolves ? resolvePlain(text) : text;
}

function resolvePlain(text: string): string {
  if (NULL.has(text)) return '';
  if (TRUE.has(text)) return 'true';
  if (FALSE.has(text)) return 'false';
  if (/^[-+]?\.(inf|Inf|INF|nan|NaN|NAN)$/.test(text)) return SPECIAL.get(text.toLowerCase()) ?? text;
  if (!/^[-+.0-9]/.test(text)) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  return formatInteger(plain) ?? (FLOAT.test(plain) ? formatFloat(plain, text) : text);
}

function formatInteger(text: string): string | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, binary, old, decimal] = match;
  const digits = hex ? `0x${hex}` : (octal ?? old) ? `0o${octal ?? old}` : binary ? `0b${binary}` : (decimal ?? '');
  if (digits.replace(/^0[xob]?0*/, '').length > LONGEST_INTEGER) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  const largest = sign === '' ? 2n ** 64n - 1n : 2n ** 63n - 1n;
  return value >= -(2n ** 63n) && value <= largest ? value.toString() : undefined;
}

function formatFloat(plain: string, text: string): string {
  const value = Number(plain);
  return Number.isFinite(value) ? formatFloat32(value) : text;
}

/** Formats a number as Go's `strconv.FormatFloat(value, 'g', -1, 32)` does. */
function formatFloat32(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single > 0 ? '+Inf' : '-Inf';
  const sign = Object.is(single, -0) ? '-' : '';
  let digits = 1;
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
  const shortest = Number(single.toPrecision(digits));
  const exponent = Number(shortest.toExponential().split('e')[1]);
  if (exponent >= -4 && exponent < 6) return sign + shortest.toString();
  return sign + shortest.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

/** Applies the filters of a template's placeholder to bytes. */
import type { FilterName } from '../contract/filters.ts';
import { quote } from '../environment/shell.ts';
import { lower, trim, upper } from './letters.ts';

/** Is what one filter passes to the next. `isJson` is true for a part that is no text, which is JSON then. */
export type Piped = { readonly bytes: Uint8Array; readonly isJson: boolean };

/** Returns the new bytes, or a text that says why the filter does not accept the value. The text has nothing of the value. */
type Filter = (bytes: Uint8Array) => Uint8Array | string;

const APPLY: Record<Exclude<FilterName, 'json'>, Filter> = {
  quote: json,
  base64: (bytes) => Buffer.from(Buffer.from(bytes).toString('base64')),
  base64decode,
  base64urldecode: (bytes) => decoded(bytes, 'base64url') ?? 'it is not base64 with the alphabet of URLs',
  base64auto: (bytes) => decoded(bytes, 'base64') ?? decoded(bytes, 'base64url') ?? bytes,
  urlencode,
  shell,
  properties: (bytes) => withText(bytes, properties),
  upper: (bytes) => withText(bytes, upper),
  lower: (bytes) => withText(bytes, lower),
  trim: (bytes) => withText(bytes, trim),
};

/** Returns the value after the filter, or why the filter does not accept it, as the end of a sentence. */
export function applyFilter(name: FilterName, { bytes, isJson }: Piped): Piped | string {
  const filter = name === 'json' ? (isJson ? same : json) : APPLY[name];
  const result = filter(bytes);
  return typeof result === 'string' ? result : { bytes: result, isJson: false };
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}

function json(bytes: Uint8Array): Uint8Array | string {
  return withText(bytes, (text) => JSON.stringify(text));
}

function withText(bytes: Uint8Array, change: (text: string) => string): Uint8Array | string {
  try {
    return Buffer.from(change(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)));
  } catch {
    return 'it is not UTF-8 text';
  }
}

/** Decodes base64 with its padding (RFC 4648). It ignores line breaks and blanks, which many tools put in. */
function base64decode(bytes: Uint8Array): Uint8Array | string {
  const text = Buffer.from(bytes).toString('latin1').replace(/[ \t]/g, '');
  return decoded(Buffer.from(text, 'latin1'), 'base64') ?? 'it is not base64';
}

const ALPHABETS = { base64: /^[A-Za-z0-9+/]*={0,2}$/, base64url: /^[A-Za-z0-9_-]*={0,2}$/ } as const;

/** Decodes base64 with its padding, and ignores line breaks as Go does. Returns undefined if the bytes are something else. */
function decoded(bytes: Uint8Array, encoding: keyof typeof ALPHABETS): Uint8Array | undefined {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\r\n]/g, '');
  return text.length % 4 === 0 && ALPHABETS[encoding].test(text) ? Buffer.from(text, encoding) : undefined;
}

/** Encodes every byte that is not unreserved (RFC 3986). */
function urlencode(bytes: Uint8Array): Uint8Array {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return Buffer.from(text);
}

/** Quotes the bytes as one word of a POSIX shell. */
function shell(bytes: Uint8Array): Uint8Array | string {
  if (bytes.includes(0)) return 'it has a NUL, which no shell can hold';
  return Buffer.from(quote(Buffer.from(bytes).toString('latin1')), 'latin1');
}

const SHORT: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

/** Escapes the text as java.util.Properties.store writes a value, in ASCII only, which any version of load reads back. */
function properties(text: string): string {
  return text
    .replace(/[\\=:#!]/g, '\\$&')
    .replace(/^ /, '\\ ')
    .replace(/[\t\n\r\f]/g, (character) => SHORT[character] ?? '')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

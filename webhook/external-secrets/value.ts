/** Describes values of AWS, and writes them as the annotations of the injector have them. */
import type { FilterName } from '../../injector/contract/filters.ts';
import { referenceTo, type Source, sourceKey } from '../../injector/contract/source.ts';

/** An object of AWS or a part of it. The filters are those of templates, and are applied from left to right. */
export type Piece = { readonly source: Source; readonly jmesPath?: string; readonly filters?: readonly FilterName[] };

/** Texts as they are, and pieces between them. */
export type Value = readonly (string | Piece)[];

/** Returns the text if nothing of it comes from AWS, or else undefined. */
export function literalOf(value: Value): string | undefined {
  return value.every((part) => typeof part === 'string') ? value.join('') : undefined;
}

/** Returns the reference to an object or to a part of it, without the filters. */
export function referenceOf({ source, jmesPath }: Piece): string {
  return jmesPath === undefined ? referenceTo(source) : `${referenceTo(source)}#${jmesPath}`;
}

/** Returns the reference of a value that is one piece without filters; undefined if it is more than that. */
export function asReference(value: Value): string | undefined {
  const [piece, ...others] = value;
  if (piece === undefined || typeof piece === 'string' || others.length > 0) return undefined;
  return (piece.filters ?? []).length === 0 ? referenceOf(piece) : undefined;
}

/** Returns the value as a text of the annotation `templates`. */
export function asTemplate(value: Value): string {
  return value
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('{{', () => '{{ "{{" }}');
      return `{{ ${[referenceOf(part), ...(part.filters ?? [])].join(' | ')} }}`;
    })
    .join('');
}

/**
 * Returns the reference for a variable, which has no templates: text around parts of one object becomes a `join` of JMESPath.
 * Returns undefined if the value has filters, or parts of several objects, or an object that is not JSON.
 */
export function asVariable(value: Value): string | undefined {
  const plain = asReference(value);
  if (plain !== undefined) return plain;
  const pieces = value.filter((part) => typeof part !== 'string');
  const [first, ...others] = pieces;
  const isOne = first && others.every(({ source }) => sourceKey(source) === sourceKey(first.source));
  if (!isOne || pieces.some(({ jmesPath, filters = [] }) => jmesPath === undefined || filters.length > 0))
    return undefined;
  const items = value.map((part) => (typeof part === 'string' ? rawText(part) : textOf(part.jmesPath ?? '')));
  return `${referenceTo(first.source)}#join('', [${items.join(', ')}])`;
}

/** Returns a text as a literal of JMESPath. https://jmespath.org/specification.html#raw-string-literals */
function rawText(text: string): string {
  // A backslash in front of the closing quote would be read as part of it.
  if (text.includes('\\')) return `\`${JSON.stringify(text).replaceAll('`', () => '\\`')}\``;
  return `'${text.replaceAll("'", () => "\\'")}'`;
}

/** Returns an expression for the text of a part, as `join` takes no numbers. A part that is missing stays null, which `join` refuses. */
function textOf(jmesPath: string): string {
  const path = /^[\w.]+$/.test(jmesPath) ? jmesPath : `(${jmesPath})`;
  return `${path} && to_string(${path})`;
}

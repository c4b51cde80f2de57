/** Describes values of AWS, and writes them as the annotations of the injector have them. */
import type { FilterName } from '../../injector/contract/filters.ts';
import type { Pick } from '../../injector/contract/rename.ts';
import { referenceTo, type Source } from '../../injector/contract/source.ts';

/** An object of AWS or a part of it. The filters are those of templates, and are applied from left to right. */
export type Piece = {
  readonly source: Source;
  readonly jmesPath?: string;
  /** The key that is wanted, by the name that its ExternalSecret gives it. It stands without a path and filters. */
  readonly pick?: Pick;
  readonly filters?: readonly FilterName[];
};

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

/** Returns the members `key` and `rename` of an entry of `files` or `env`; none if the value is no key that is renamed. */
export function pickOf([piece]: Value): Partial<Pick> {
  return piece === undefined || typeof piece === 'string' ? {} : { ...piece.pick };
}

/** Returns the value as a text with placeholders, which the annotation `templates` takes, and `template` in `env`. */
export function asTemplate(value: Value): string {
  return value
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('{{', () => '{{ "{{" }}');
      return `{{ ${[referenceOf(part), ...(part.filters ?? [])].join(' | ')} }}`;
    })
    .join('');
}

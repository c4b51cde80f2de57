/** Defines the rows of the table of annotations: how an annotation is read, and what its line in docs/annotations.md says. */
import type { Result } from './result.ts';
import { choice } from './values.ts';

/** An annotation whose text is one value. */
type Scalar = {
  /** Returns the value, or what is wrong with the text as the end of a sentence with the fix. */
  readonly parse: (text: string) => Result<unknown>;
  /** The member of the declaration that has the value as it is. Without it, `declare` makes something else of the value. */
  readonly option?: string;
  /** If it is false, a refusal does not quote the text, as it may be confidential, or as the problem says enough. */
  readonly quoted?: false;
  /** If it is true, white space at both ends is part of the value. Else it is left out, as a block of YAML ends in a line break. */
  readonly exact?: true;
};

/** `value` and `meaning` are Markdown for docs/annotations.md, and so is `default`, which says what happens without the annotation. */
export type Row = { readonly value: string; readonly meaning: string } & (
  | { readonly default: string }
  /** The text that is read in place of an absent or wrong one. */
  | { readonly fallback: string }
) &
  (
    | Scalar
    /** It says what to fetch. If it has no `parse`, sources/sources.ts reads it. */
    | { readonly source: true }
    /** The webhook sets it and never reads it. */
    | { readonly written: true }
  );

/** Returns words that an annotation may have as Markdown: `a`, `b` or `c`, each as code. */
export function choiceOf(words: readonly string[]): string {
  return choice(words.map((word) => `\`${word}\``));
}

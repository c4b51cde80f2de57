/**
 * Defines the nodes of a YAML document with its aliases written out. A scalar is its source text, because no parser in JavaScript
 * types scalars as Go's parser does.
 */

export type Scalar = {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: 'plain' | 'quoted' | 'block';
  /** The tag as it was written, with its prefix resolved; undefined if there is none. */
  readonly tag: string | undefined;
  /** True if a comment follows that looks like the end of the value: `app1/db #password`. */
  readonly isCut: boolean;
};

/** The pairs are in the order of the text, and `<<` is among them. */
export type Mapping = { readonly kind: 'mapping'; readonly pairs: readonly Pair[] };
type Pair = { readonly key: Node | null; readonly value: Node | null };

export type Sequence = { readonly kind: 'sequence'; readonly items: readonly (Node | null)[] };

/** An alias has no node: the node that it stands for is in its place. */
export type Node = Scalar | Mapping | Sequence;

/** Returns whether the node is a scalar. */
export function isScalar(node: Node | null): node is Scalar {
  return node?.kind === 'scalar';
}

/** Returns whether the node is a mapping. */
export function isMapping(node: Node | null): node is Mapping {
  return node?.kind === 'mapping';
}

/** Returns whether the node is a sequence. */
export function isSequence(node: Node | null): node is Sequence {
  return node?.kind === 'sequence';
}

/**
 * Returns the text in one or two pairs of braces, or before a colon at the end, which YAML reads as a map with one key and no value;
 * undefined if the map is anything else.
 */
export function textInBraces({ pairs }: Mapping): string | undefined {
  const [pair, ...others] = pairs;
  if (pair === undefined || others.length > 0) return undefined;
  const { key, value } = pair;
  if (value !== null && !(isScalar(value) && value.text === '')) return undefined;
  if (isMapping(key)) return textInBraces(key);
  return isScalar(key) && key.style === 'plain' ? key.text : undefined;
}

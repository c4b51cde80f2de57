/** The nodes of a YAML document with its aliases written out. Scalars are source text: no JavaScript reading of YAML matches the one of Go. */

export type Scalar = {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: 'plain' | 'quoted' | 'block';
  /** The tag as it was written, with its prefix resolved; undefined where none was. */
  readonly tag: string | undefined;
  /** A `#` that starts a comment follows, and looks like the end of the value: `app1/db #password`. */
  readonly isCut: boolean;
};

/** The pairs in the order of the text, `<<` among them. */
export type Mapping = { readonly kind: 'mapping'; readonly pairs: readonly Pair[] };
export type Pair = { readonly key: Node | null; readonly value: Node | null };

export type Sequence = { readonly kind: 'sequence'; readonly items: readonly (Node | null)[] };

/** There is no node for an alias: the node that it stands for is in its place. */
export type Node = Scalar | Mapping | Sequence;

export function isScalar(node: Node | null): node is Scalar {
  return node?.kind === 'scalar';
}

export function isMapping(node: Node | null): node is Mapping {
  return node?.kind === 'mapping';
}

export function isSequence(node: Node | null): node is Sequence {
  return node?.kind === 'sequence';
}

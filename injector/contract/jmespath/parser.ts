/** Compiles the expressions that go-jmespath 0.4.0 compiles, with the library's parser on Go's tokens. */
import { compile as parse } from 'jmespath';
import type { JsonNode } from '../json.ts';
import { canonical } from './lexer.ts';
import { LimitError } from './limit.ts';
import { meant } from './meant.ts';

declare module 'jmespath' {
  export function compile(expression: string): unknown;
}

export type Expression =
  | { readonly type: 'Identity' | 'Current' }
  | { readonly type: 'Field'; readonly name: string }
  | { readonly type: 'Index'; readonly value: number }
  | { readonly type: 'Slice'; readonly children: readonly (number | null)[] }
  | { readonly type: 'Literal'; readonly value: JsonNode }
  | { readonly type: 'MultiSelectHash'; readonly children: readonly { name: string; value: Expression }[] }
  | Named<'Function' | 'Comparator'>
  | Node<'MultiSelectList', readonly Expression[]>
  | Node<'NotExpression' | 'ExpressionReference' | 'Flatten', readonly [Expression]>
  | Node<'Subexpression' | 'IndexExpression' | 'Pipe' | 'OrExpression' | 'AndExpression', Two>
  | Node<'Projection' | 'ValueProjection', Two>
  | Node<'FilterProjection', readonly [projected: Expression, right: Expression, condition: Expression]>;

type Two = readonly [left: Expression, right: Expression];
type Node<Type extends string, Children> = Type extends string
  ? { readonly type: Type; readonly children: Children }
  : never;
type Named<Type extends string> = Type extends string
  ? { readonly type: Type; readonly name: string; readonly children: readonly Expression[] }
  : never;

/** Is a node of the library. A part that its parser left out is undefined; Go's parser refuses such an expression. */
type Parsed = { type: string; name?: unknown; value?: unknown; children?: readonly (Parsed | undefined)[] } | undefined;

export type Compiled =
  | { readonly ok: true; readonly expression: Expression }
  /** `meant` is what may be meant instead. `limit` says which limit the expression passes, which Go does not have. */
  | { readonly ok: false; readonly meant?: string; readonly limit?: string };

/** Returns the expression's tree, or `ok: false` if go-jmespath would not compile it. Never throws. */
export function compile(expression: string): Compiled {
  try {
    const words = canonical(expression);
    if (words !== undefined) return { ok: true, expression: whole(parse(words.text) as Parsed, words.literals) };
  } catch (error) {
    if (error instanceof LimitError) return { ok: false, limit: error.message };
  }
  const guess = meant(expression);
  return guess === undefined ? { ok: false } : { ok: false, meant: guess };
}

/** Returns the tree with the values of its literals. Throws a SyntaxError if a part of it is missing. */
function whole(node: Parsed, literals: readonly JsonNode[]): Expression {
  if (node === undefined) throw new SyntaxError('An operand is missing.');
  const { type, name, value, children } = node;
  if (type === 'Literal') return { type, value: literals[Number(value)] as JsonNode };
  if (type === 'Slice' || children === undefined) return node as Expression;
  if (type === 'MultiSelectList' && children.length === 0) throw new SyntaxError('An empty list.');
  if (type === 'Function' && typeof name !== 'string') throw new SyntaxError('A call of what is no name.');
  if (type === 'MultiSelectHash') {
    const entries = children.map((entry) => ({
      name: String(entry?.name),
      value: whole(entry?.value as Parsed, literals),
    }));
    return { type, children: entries };
  }
  return { type, name, children: children.map((child) => whole(child, literals)) } as unknown as Expression;
}

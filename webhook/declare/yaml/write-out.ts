/** Turns the library's nodes into ours, and puts the node that an alias stands for in the place of the alias. */
import { type Alias, isAlias, isMap, isScalar, type ParsedNode, type Scalar as ParsedScalar } from 'yaml';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import type { Node, Scalar } from './tree.ts';

/** Maps each anchor to its node, and to the length of its text with the aliases in it written out; undefined inside the node itself. */
type Anchors = Map<string, { readonly node: Node; readonly length: number } | undefined>;

/**
 * Writes the aliases of a document out, and takes the text of each from the budget. Nodes are shared, not copied: this takes
 * time and memory for the text as it is, and reading the result takes no more than the budget had.
 */
export function writeOut(root: ParsedNode | null, text: string, { characters }: Budget): Result<Node | null> {
  const anchors: Anchors = new Map();
  let added = 0;
  let problem: string | undefined;

  function convert(node: ParsedNode | null): Node | null {
    if (node === null) return null;
    if (isAlias(node)) return follow(node.source);
    const { anchor, range } = node;
    if (anchor === undefined) return toNode(node);
    const before = added;
    anchors.set(anchor, undefined);
    const made = toNode(node);
    anchors.set(anchor, { node: made, length: range[1] - range[0] + added - before });
    return made;
  }

  function toNode(node: Exclude<ParsedNode, Alias.Parsed>): Node {
    if (isScalar(node)) return toScalar(node, text);
    if (isMap(node)) {
      const pairs = node.items.map(({ key, value }) => ({ key: convert(key), value: convert(value) }));
      return { kind: 'mapping', pairs };
    }
    return { kind: 'sequence', items: node.items.map(convert) };
  }

  function follow(name: string): Node | null {
    const target = anchors.get(name);
    if (target === undefined) {
      problem ??= anchors.has(name)
        ? `is not YAML: the anchor ${echo(name)} contains itself; write out what it stands for`
        : `is not YAML: unknown anchor ${echo(name)}; define it before its use`;
      return null;
    }
    added += target.length;
    problem ??= characters(target.length);
    return target.node;
  }

  const node = convert(root);
  return problem === undefined ? ok(node) : err(problem);
}

function toScalar({ value, type, tag, range }: ParsedScalar.Parsed, text: string): Scalar {
  const style = type === 'PLAIN' ? 'plain' : type?.startsWith('BLOCK_') ? 'block' : 'quoted';
  const isCut = /^[ \t]+#[^\s#]/.test(text.slice(range[1], range[1] + 100));
  return { kind: 'scalar', text: String(value), style, tag, isCut };
}

/** YAML as a tree of nodes whose scalars are still source text: no JavaScript reading of YAML matches the one of Go. */
import { type Alias, isAlias, LineCounter, type Node, visit } from 'yaml';
import { echo } from '../echo.ts';
import { bad, good, type Parsed } from '../parsed.ts';
import { readDocument } from './document.ts';

export type Tree = {
  readonly root: Node | null;
  /** More documents follow the first. */
  readonly more: boolean;
  /** The node itself, or the one that an alias stands for. */
  readonly follow: (node: unknown) => Node | null;
  /** A `#` that starts a comment, but looks like the end of the value: `app1/db #password`. */
  readonly looksCut: (node: Node) => boolean;
};

/** Reads the first document. */
export function parseYaml(text: string): Parsed<Tree> {
  const lines = new LineCounter();
  const read = readDocument(text, lines);
  if (!read.ok) return read;
  const { document, more } = read.value;
  const [error] = document.errors;
  if (error !== undefined)
    return bad(`is not YAML: line ${lines.linePos(error.pos[0]).line}: ${echo(error.message)}; correct the YAML`);
  const targets = new Map<Alias, Node>();
  const unknown = linkAliases(document.contents, targets);
  if (unknown !== undefined) return bad(`is not YAML: unknown anchor ${echo(unknown)}; define it before its use`);
  const follow = (node: unknown): Node | null =>
    (isAlias(node) ? (targets.get(node) ?? null) : (node as Node | null | undefined)) ?? null;
  const looksCut = (node: Node): boolean =>
    /^[ \t]+#[^\s#]/.test(text.slice(node.range?.[1], (node.range?.[1] ?? 0) + 100));
  return good({ root: document.contents, more, follow, looksCut });
}

/** The library looks anchors up by a walk of the whole document for each alias: a bomb. One walk does. */
function linkAliases(root: Node | null, targets: Map<Alias, Node>): string | undefined {
  const anchors = new Map<string, Node>();
  let unknown: string | undefined;
  visit(root, (_key, node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) unknown ??= node.source;
      else targets.set(node, target);
    } else if (node !== null && typeof node === 'object' && 'anchor' in node && typeof node.anchor === 'string') {
      anchors.set(node.anchor, node as Node);
    }
  });
  return unknown;
}

/** Finds the places in a YAML text at which lines can be put in or taken out, so that everything else stays as it is. */
import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** The text can not be changed in place. The message says why. */
export class EditError extends Error {
  override name = 'EditError';
}

/** A collection of the text, by its kind. Throws an `EditError` if something on the way to it is shared by an anchor. */
export function collectionAt(document: Document.Parsed, path: readonly (string | number)[]): Node {
  let node: unknown = document.contents;
  for (const key of path) {
    if (!isCollection(node)) throw shared(path);
    node = node.get(key, true);
    if (isAlias(node)) throw shared(path);
  }
  if (!isCollection(node) && !isScalar(node)) throw shared(path);
  return node;
}

function shared(path: readonly (string | number)[]): EditError {
  return new EditError(`${path.join('.')} is shared by an anchor or a merge key (&, *, <<): write it out there`);
}

/** Returns the pair with this key. */
export function pairIn(map: Node, key: string | number): Pair<Node, Node | null> | undefined {
  if (!isMap(map)) return undefined;
  const pairs = map.items as Pair<Node, Node | null>[];
  return pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Returns the offset of a node, or of the key of a pair. */
export function startOf(item: unknown): number {
  const node = isPair(item) ? item.key : item;
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** Returns the offset behind the last character of a node that is no comment, no blank line and no line break. */
export function endOf(text: string, item: unknown): number {
  if (isPair(item))
    return item.value == null ? endOfKey(text, item) : Math.max(endOf(text, item.value), endOfKey(text, item));
  if (isCollection(item) && !item.flow && item.items.length > 0) return endOf(text, item.items.at(-1));
  const [start, end] = (item as Node).range ?? [0, 0];
  const isKept = isScalar(item) && /^[|>][-\d]*\+/.test(text.slice(start, start + 4));
  return isKept ? end : start + text.slice(start, end).trimEnd().length;
}

/** A key without a value ends with its colon. */
function endOfKey(text: string, { key }: Pair): number {
  return text.indexOf(':', (key as Node).range?.[1] ?? 0) + 1;
}

/** Returns the offset of the first character of the line that an offset is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Returns the offset behind the line break of the line that an offset is in, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  // A block of text that keeps its last line breaks ends at the beginning of a line.
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Returns the offset of the line of the first item of a block list, in front of the comments that belong to it. */
export function firstLine(text: string, first: unknown): number {
  let start = lineStart(text, startOf(first));
  while (start > 0) {
    const before = lineStart(text, start - 1);
    if (!/^\s*(#.*)?$/.test(text.slice(before, start - 1))) break;
    start = before;
  }
  return start;
}

/** Returns the offset of the `-` of an item of a block list. */
export function dashOf(text: string, item: unknown): number {
  return text.lastIndexOf('-', startOf(item) - 1);
}

/** Returns the number of characters before an offset in its line. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Returns whether items of the node are written between brackets. */
export function isFlow(node: Node): boolean {
  return isCollection(node) && node.flow === true;
}

/** Returns the items of a collection. */
export function itemsOf(node: Node): readonly unknown[] {
  return isSeq(node) || isMap(node) ? node.items : [];
}

/** Reads the YAML and JSON documents of a text, and says where each part of them stands. */
import { type Document, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';

/** The keys and indexes on the way from the top of a document to a part of it. */
export type Path = readonly (string | number)[];

export type Position = { readonly line: number; readonly column: number };

/** One document of a text. */
export type Manifest = {
  /** The name of the text that the document is in. */
  readonly file: string;
  /** The number of the document in its text, from 1 on. */
  readonly number: number;
  /** The whole text, in which the ranges of the nodes count. */
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
  /** The document as plain values, with its aliases written out. */
  readonly value: unknown;
};

/** A text that is not YAML, at the place of its first mistake. */
export type SyntaxProblem = { readonly file: string; readonly number: number; readonly message: string } & Position;

/** Returns the documents of a text, empty ones left out. A document with a mistake of syntax becomes a problem. */
export function parseManifests(
  file: string,
  text: string,
): { readonly manifests: readonly Manifest[]; readonly problems: readonly SyntaxProblem[] } {
  const lines = new LineCounter();
  const manifests: Manifest[] = [];
  const problems: SyntaxProblem[] = [];
  for (const [index, document] of documentsIn(text, lines).entries()) {
    const number = index + 1;
    const read = readValue(document);
    if (!read.ok) problems.push({ file, number, message: read.problem, ...positionAt(lines, read.offset) });
    else if (document.contents !== null) manifests.push({ file, number, text, lines, document, value: read.value });
  }
  return { manifests, problems };
}

const TOO_DEEP = 'It is nested more deeply than any manifest';

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; problem: string; offset: number };

/** Returns the plain values of a document, or its first mistake. Aliases may stand for a hundred times what they name, and no more. */
function readValue(document: Document.Parsed): Read {
  const start = document.range[0];
  const [error] = document.errors;
  if (error !== undefined && !isTooDeep(error)) return { ok: false, problem: error.message, offset: error.pos[0] };
  if (error !== undefined) return { ok: false, problem: TOO_DEEP, offset: start };
  try {
    return { ok: true, value: document.toJS() };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { ok: false, problem: TOO_DEEP, offset: start };
    if (!(thrown instanceof ReferenceError)) throw thrown;
    return { ok: false, problem: thrown.message, offset: start };
  }
}

/** The library has no limit for the depth of a document, but the stack of the JavaScript engine has one. */
function isTooDeep({ message }: Error): boolean {
  return message.startsWith('Maximum call stack');
}

/** Kubernetes reads merge keys (`<<`), and an anchor may be used as often as somebody likes. */
function documentsIn(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false, logLevel: 'error' });
  return Array.isArray(documents) ? documents : [];
}

/** Returns the line and the column of an offset in the text, both from 1 on. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Returns the node at a path, or undefined if there is none. */
export function nodeAt({ document }: Manifest, path: Path): Node | undefined {
  const found: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return (found as Node | null) ?? undefined;
}

/** Returns the offset in the text at which the part of a document begins: the nearest part around it if it has none of its own. */
export function offsetOf(manifest: Manifest, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(manifest, path.slice(0, length));
    if (node?.range) return node.range[0];
  }
  return 0;
}

/** Returns the text of the scalar at a path as it stands in the file, quotes and `|` included, with the offset where it begins. */
export function sourceOf(
  manifest: Manifest,
  path: Path,
): { readonly text: string; readonly offset: number } | undefined {
  const node = nodeAt(manifest, path);
  if (!isScalar(node) || !node.range) return undefined;
  const [start, end] = node.range;
  return { text: manifest.text.slice(start, end), offset: start };
}

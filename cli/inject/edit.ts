/** Applies a JSON Patch to a YAML text. Lines are put in and taken out; all others stay, with their comments and their style. */
import { isDeepStrictEqual } from 'node:util';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { type Document, isSeq, type Node, parseDocument } from 'yaml';
import {
  collectionAt,
  columnOf,
  dashOf,
  EditError,
  endOf,
  firstLine,
  isFlow,
  itemsOf,
  lineStart,
  nextLine,
  pairIn,
  startOf,
} from './place.ts';
import { blockItem, blockMember, flowText, type Style } from './write.ts';

type Change = {
  readonly op: 'add' | 'replace' | 'remove';
  /** The path of the collection that is changed. */
  readonly parent: readonly (string | number)[];
  readonly key: string | number;
  readonly value?: unknown;
};

/**
 * Returns the text of one document after the operations, whose paths begin at `top`. Throws an `EditError` if that can not be done
 * without changing anything else.
 */
export function edit(
  text: string,
  top: readonly (string | number)[],
  patch: readonly Operation[],
  style: Style,
): string {
  const json = jsonIn(text);
  if (json !== undefined) {
    const { newDocument } = jsonPatch.applyPatch(
      json,
      patch.map((one) => prefix(one, top)),
    );
    return JSON.stringify(newDocument, undefined, /^\{\r?\n([ \t]+)/.exec(text)?.[1]) + (/\s*$/.exec(text)?.[0] ?? '');
  }
  let [edited, value] = [text, valueIn(text)];
  for (const operation of patch) {
    const prefixed = prefix(operation, top);
    edited = change(edited, changeOf(prefixed, value), style);
    value = jsonPatch.applyOperation(value, prefixed, false, true).newDocument;
  }
  // A part that others share by an alias has changed for them, too.
  if (isDeepStrictEqual(valueIn(edited), value)) return edited;
  throw new EditError(SHARED);
}

const SHARED = 'parts of the pod are shared by anchors (&, *): write them out';

/** Returns the plain values of a text. Throws an `EditError` if an alias has lost its anchor. */
function valueIn(text: string): unknown {
  try {
    return parse(text).toJS();
  } catch (error) {
    throw error instanceof ReferenceError ? new EditError(SHARED) : error;
  }
}

/** JSON has no comments and one style. */
function jsonIn(text: string): object | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): Document.Parsed {
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' });
  if (document.errors[0]) throw new EditError(`it would not be YAML: ${document.errors[0].message}`);
  return document;
}

function prefix(operation: Operation, top: readonly (string | number)[]): Operation {
  const before = top.map((key) => `/${jsonPatch.escapePathComponent(String(key))}`).join('');
  const from = 'from' in operation ? { from: before + operation.from } : {};
  return { ...operation, path: before + operation.path, ...from };
}

function changeOf(operation: Operation, value: unknown): Change {
  const keys = operation.path.split('/').slice(1).map(jsonPatch.unescapePathComponent);
  const path = keys.map((key, index) => (Array.isArray(at(value, keys.slice(0, index))) ? Number(key) : key));
  const [parent, key] = [path.slice(0, -1), path.at(-1) ?? ''];
  if (operation.op === 'remove') return { op: 'remove', parent, key };
  if (operation.op === 'copy')
    return { op: 'add', parent, key, value: jsonPatch.getValueByPointer(value, operation.from) };
  if (operation.op === 'add' || operation.op === 'replace') {
    return { op: operation.op, parent, key, value: operation.value };
  }
  throw new EditError(`${operation.op} is no operation of the webhook`);
}

function at(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);
}

function change(text: string, one: Change, style: Style): string {
  const document = parse(text);
  const node = collectionAt(document, one.parent);
  const items = itemsOf(node);
  // A collection that is or becomes empty is written anew: it would be no collection without its items.
  const isEmpty = items.length === 0 || (items.length === 1 && one.op === 'remove');
  if (isEmpty && one.parent.length > 0) return change(text, replacing(node.toJS(document) ?? {}, one), style);
  if (isFlow(node)) return changeFlow(text, node, document, one);
  return isSeq(node) ? changeList(text, items, one, style) : changeMap(text, node, one, style);
}

/** Returns the change that replaces the whole collection. */
function replacing(whole: object, { op, parent, key, value }: Change): Change {
  const operation = { op, path: `/${jsonPatch.escapePathComponent(String(key))}`, value } as Operation;
  const { newDocument } = jsonPatch.applyOperation(whole, operation);
  return { op: 'replace', parent: parent.slice(0, -1), key: parent.at(-1) ?? '', value: newDocument };
}

function changeMap(text: string, map: Node, { op, key, value }: Change, style: Style): string {
  const items = itemsOf(map);
  const pair = pairIn(map, key);
  const indent = columnOf(text, startOf(items[0]));
  if (pair === undefined) {
    if (op !== 'add') throw new EditError(`${key} comes from a merge key (<<): write it out`);
    return insert(
      text,
      nextLine(text, endOf(text, items.at(-1))),
      blockMember(String(key), value, indent, style),
      style,
    );
  }
  const [start, end] = [startOf(pair), endOf(text, pair)];
  if (op !== 'remove')
    return text.slice(0, start) + blockMember(String(key), value, indent, style).trim() + text.slice(end);
  // The first member of an item stands behind its dash, so that the next one has to move there.
  const next = items[items.indexOf(pair) + 1];
  if (text.slice(lineStart(text, start), start).trim() !== '') {
    if (next === undefined) throw new EditError(`${key} is the only member of its item`);
    return text.slice(0, start) + text.slice(startOf(next));
  }
  return text.slice(0, lineStart(text, start)) + text.slice(nextLine(text, end));
}

function changeList(text: string, items: readonly unknown[], { op, key, value }: Change, style: Style): string {
  const index = Number(key);
  const item = items[index];
  const indent = columnOf(text, dashOf(text, items[0]));
  if (op === 'add') {
    const before = items[index - 1];
    const place = before === undefined ? firstLine(text, items[0]) : nextLine(text, endOf(text, before));
    return insert(text, place, blockItem(value, indent, style), style);
  }
  const [start, end] = [lineStart(text, dashOf(text, item)), nextLine(text, endOf(text, item))];
  return text.slice(0, start) + (op === 'remove' ? '' : blockItem(value, indent, style)) + text.slice(end);
}

/** Puts lines in at the beginning of a line. The last line of a text may lack its line break. */
function insert(text: string, place: number, lines: string, { lineBreak }: Style): string {
  const gap = place > 0 && text[place - 1] !== '\n' ? lineBreak : '';
  return text.slice(0, place) + gap + lines + text.slice(place);
}

function changeFlow(text: string, node: Node, document: Document.Parsed, { op, key, value }: Change): string {
  const [start, end] = node.range ?? [0, 0];
  const items = itemsOf(node);
  const removed = op === 'remove' ? items[indexIn(node, key)] : undefined;
  if (removed !== undefined && items.length > 1) return cutFlow(text, items, removed);
  const isNew = op === 'add' && pairIn(node, key) === undefined;
  if (isNew && Number(key) !== 0 && items.length > 0 && (!isSeq(node) || Number(key) === items.length)) {
    const place = endOf(text, items.at(-1));
    const added = isSeq(node) ? flowText(value) : `${flowText(String(key))}: ${flowText(value)}`;
    return `${text.slice(0, place)}, ${added}${text.slice(place)}`;
  }
  const { value: whole } = replacing(node.toJS(document) as object, { op, parent: [], key, value });
  return text.slice(0, start) + flowText(whole) + text.slice(end);
}

function indexIn(node: Node, key: string | number): number {
  if (isSeq(node)) return Number(key);
  const pair = pairIn(node, key);
  return pair === undefined ? -1 : itemsOf(node).indexOf(pair);
}

/** Takes an item out between brackets, with the comma behind it, or with the one before the last item. */
function cutFlow(text: string, items: readonly unknown[], item: unknown): string {
  const index = items.indexOf(item);
  const [before, next] = [items[index - 1], items[index + 1]];
  if (next !== undefined) return text.slice(0, startOf(item)) + text.slice(startOf(next));
  const rest = text.slice(endOf(text, item));
  const [comma] = /^\s*,/.exec(rest) ?? [];
  if (comma !== undefined) return text.slice(0, startOf(item)) + rest.slice(comma.length);
  const gap = text.slice(endOf(text, before), startOf(item)).replace(',', '');
  // A comment ends with its line.
  return text.slice(0, endOf(text, before)) + (gap.includes('#') ? gap : gap.trimEnd()) + rest;
}

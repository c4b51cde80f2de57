/** Two states of a pod in, a JSON Patch out: the only file that knows fast-json-patch. */
import jsonPatch from 'fast-json-patch';
import type { Pod } from './pod.ts';

export type PatchOperation = {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
};

type Step = { readonly operations: jsonPatch.Operation[]; readonly nested: jsonPatch.Operation[] };

/**
 * The operations that turn `before` into `after`. A comparison of lists by position would rewrite everything behind what
 * is put in front, field by field; so elements are known by their names, those that left or came are taken out or put in
 * first, and only the rest is compared. Where the order changed, the elements called `own` are the ones that move.
 */
export function diff(before: Pod, after: Pod, own: readonly string[]): PatchOperation[] {
  const [from, to] = share(before, after);
  const moves = align(from, to, '', new Set(own));
  jsonPatch.applyPatch(from, structuredClone(moves));
  return [...moves, ...jsonPatch.compare(from, to)];
}

type Tree = Record<string, unknown> | unknown[];

/** Copies of both, in which equal parts are one object: so most of a large pod is walked through once, and not copied. */
function share(before: Tree, after: Tree): [Tree, Tree] {
  const [from, to] = [copyOf(before), copyOf(after)];
  const targets = new Map(keysOf(after).map(([name, key]) => [name, key]));
  for (const [name, key] of keysOf(before)) {
    const target = targets.get(name);
    if (target === undefined) continue;
    const [value, other] = [from[key], to[target]];
    if (isEqual(value, other)) to[target] = value;
    else if (isTree(value) && isTree(other)) [from[key], to[target]] = share(value, other);
  }
  return [from, to];
}

function copyOf(tree: Tree): Record<string, unknown> {
  return (Array.isArray(tree) ? [...tree] : { ...tree }) as Record<string, unknown>;
}

/** What the members are known by, and where they are. */
function keysOf(tree: Tree): [name: string, key: string][] {
  if (Array.isArray(tree)) return namesOf(tree).map((name, index) => [name, String(index)]);
  return Object.keys(tree).map((key) => [key, key]);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isTree(one) || !isTree(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  const [from, to] = [one, other] as [Record<string, unknown>, Record<string, unknown>];
  return keys.every((key) => Object.hasOwn(to, key) && isEqual(from[key], to[key]));
}

function align(before: unknown, after: unknown, path: string, own: ReadonlySet<string>): jsonPatch.Operation[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const { operations, nested } = alignLists(before, after, path, own);
    return [...operations, ...nested];
  }
  if (!isRecord(before) || !isRecord(after)) return [];
  return Object.keys(before).flatMap((key) => {
    if (!Object.hasOwn(after, key)) return [];
    return align(before[key], after[key], `${path}/${jsonPatch.escapePathComponent(key)}`, own);
  });
}

function alignLists(before: unknown[], after: unknown[], path: string, own: ReadonlySet<string>): Step {
  const kept = keptOf(namesOf(before), namesOf(after), own);
  const operations: jsonPatch.Operation[] = [];
  // From the end, so that the places of the others stay.
  for (let index = before.length - 1; index >= 0; index -= 1) {
    if (!kept.has(index)) operations.push({ op: 'remove', path: `${path}/${index}` });
  }
  const sources = new Map([...kept].map(([from, to]) => [to, from]));
  const nested: jsonPatch.Operation[] = [];
  for (const [index, value] of after.entries()) {
    const from = sources.get(index);
    if (from === undefined) operations.push({ op: 'add', path: `${path}/${index}`, value });
    else nested.push(...align(before[from], value, `${path}/${index}`, own));
  }
  return { operations, nested };
}

/** Which elements stay, and where they end: an increasing sequence, as nothing that stays overtakes another. */
function keptOf(before: readonly string[], after: readonly string[], own: ReadonlySet<string>): Map<number, number> {
  const targets = new Map(after.map((name, index) => [name, index]));
  const common = before.flatMap((name, from) => {
    const to = targets.get(name);
    return to === undefined ? [] : [{ name, from, to }];
  });
  const ordered = common.every(({ to }, index) => to > (common[index - 1]?.to ?? -1));
  const kept = new Map<number, number>();
  let last = -1;
  for (const { name, from, to } of common) {
    if (to < last || (!ordered && own.has(name.slice(0, name.lastIndexOf('#'))))) continue;
    kept.set(from, to);
    last = to;
  }
  return kept;
}

/** What an element is known by in its list, with its number among those of the same name. */
function namesOf(list: readonly unknown[]): string[] {
  const seen = new Map<string, number>();
  return list.map((element) => {
    const name = nameOf(element);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `${name}#${count}`;
  });
}

function nameOf(element: unknown): string {
  if (!isRecord(element)) return JSON.stringify(element);
  const { name, mountPath } = element;
  // A volume may be mounted many times, but nothing twice at one path.
  if (typeof mountPath === 'string') return mountPath;
  return typeof name === 'string' ? name : JSON.stringify(element);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

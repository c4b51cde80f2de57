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
  const moves = align(before, after, '', new Set(own));
  const placed = jsonPatch.applyPatch(before, structuredClone(moves), false, false).newDocument;
  return [...moves, ...jsonPatch.compare(placed, after)];
}

function align(before: unknown, after: unknown, path: string, own: ReadonlySet<string>): jsonPatch.Operation[] {
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

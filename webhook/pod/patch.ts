/** Makes the JSON Patch that turns one state of a pod into another: https://www.rfc-editor.org/rfc/rfc6902 */
import jsonPatch, {
  type AddOperation,
  type CopyOperation,
  type RemoveOperation,
  type ReplaceOperation,
} from 'fast-json-patch';
import type { Pod } from './pod.ts';

export type PatchOperation = Readonly<
  AddOperation<unknown> | RemoveOperation | ReplaceOperation<unknown> | CopyOperation
>;

type Tree = Readonly<Record<string, unknown>>;

/** The memory of a comparison on its way through both pods. */
type Course = {
  /** The names of elements that move if the order of a list changed. */
  readonly own: ReadonlySet<string>;
  /**
   * The paths of the values that were added. They stay valid: a list is changed from front to end, and before what is
   * inside its elements.
   */
  readonly paths: Map<unknown, string>;
  /** The operations so far. */
  readonly operations: PatchOperation[];
};

/**
 * Returns the operations that turn `before` into `after`. Parts that both share are not compared. Elements of a list are
 * matched by their names: those that left or came are removed or added first, and only the rest is compared. (By
 * position, everything behind an added element would be rewritten field by field.) If the order changed, the elements
 * named `own` are the ones that move. An object that `after` has in several lists is written once, and copied from
 * there.
 */
export function diff(before: Pod, after: Pod, own: readonly string[]): PatchOperation[] {
  const course = { own: new Set(own), paths: new Map(), operations: [] };
  compare(before, after, '', course);
  return course.operations;
}

function compare(before: unknown, after: unknown, path: string, course: Course): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, course);
  else if (isRecord(before) && isRecord(after)) compareRecords(before, after, path, course);
  else course.operations.push({ op: 'replace', path, value: after });
}

/**
 * A member that is undefined counts as absent, as JSON leaves it out. A copy has its members in the order of the original, so that
 * most are found at the same place, which takes less time than by their names.
 */
function compareRecords(before: Tree, after: Tree, path: string, course: Course): void {
  const [keys, values] = [Object.keys(before), Object.values(before)];
  const [nextKeys, nextValues] = [Object.keys(after), Object.values(after)];
  let index = 0;
  for (const key of keys) {
    const value = values[index];
    const next = nextKeys[index] === key ? nextValues[index] : ownMember(after, key);
    index += 1;
    if (next === value) continue;
    const at = pathOf(path, key);
    if (next === undefined) course.operations.push({ op: 'remove', path: at });
    else compare(value, next, at, course);
  }
  index = 0;
  for (const key of nextKeys) {
    const value = nextValues[index];
    const isAtSamePlace = keys[index] === key;
    index += 1;
    if (isAtSamePlace || value === undefined || Object.hasOwn(before, key)) continue;
    add(pathOf(path, key), value, course);
  }
}

/** Returns a member that the object itself has, and not one that it inherits, such as its constructor. */
function ownMember(object: Tree, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function pathOf(parent: string, key: string): string {
  return `${parent}/${jsonPatch.escapePathComponent(key)}`;
}

function compareLists(before: readonly unknown[], after: readonly unknown[], path: string, course: Course): void {
  const { front, end } = sharedBy(before, after);
  if (front + end === before.length) {
    for (let index = front; index < after.length - end; index += 1) add(`${path}/${index}`, after[index], course);
    return;
  }
  const [left, right] = [before.slice(front, before.length - end), after.slice(front, after.length - end)];
  if (haveSameNames(left, right)) {
    const changed = left.flatMap((one, index) =>
      one === right[index] ? [] : changeOf(one, right[index], `${path}/${front + index}`),
    );
    compareAll(changed, course);
    return;
  }
  const kept = keptOf(left, right, course.own);
  // Removing from the end keeps the indexes of the elements before.
  for (let index = left.length - 1; index >= 0; index -= 1) {
    if (!kept.has(index)) course.operations.push({ op: 'remove', path: `${path}/${front + index}` });
  }
  const sources = new Map([...kept].map(([from, to]) => [to, from]));
  const changed: Change[] = [];
  for (const [index, value] of right.entries()) {
    const from = sources.get(index);
    const at = `${path}/${front + index}`;
    if (from === undefined) add(at, value, course);
    else if (left[from] !== value) changed.push(changeOf(left[from], value, at));
  }
  compareAll(changed, course);
}

/** Compares elements of a list. One that gains a whole list comes first: elements of that list can be copied, but no list of them. */
function compareAll(changed: readonly Change[], course: Course): void {
  for (const one of changed) if (one.gainsList) compare(one.before, one.after, one.path, course);
  for (const one of changed) if (!one.gainsList) compare(one.before, one.after, one.path, course);
}

/** Returns whether both lists have elements of the same names in the same order. */
function haveSameNames(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((one, index) => one === after[index] || nameOf(one) === nameOf(after[index]));
}

function add(path: string, value: unknown, { paths, operations }: Course): void {
  const from = paths.get(value);
  if (from !== undefined) {
    operations.push({ op: 'copy', from, path });
    return;
  }
  note(value, path, paths);
  if (Array.isArray(value)) for (const [index, element] of value.entries()) note(element, `${path}/${index}`, paths);
  operations.push({ op: 'add', path, value });
}

/** Keeps the path of an object that was added, unless the object was added before. */
function note(value: unknown, path: string, paths: Course['paths']): void {
  if (typeof value === 'object' && value !== null && !paths.has(value)) paths.set(value, path);
}

type Change = {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: string;
  /** True if the element has a list of its own that it did not have before. */
  readonly gainsList: boolean;
};

function changeOf(before: unknown, after: unknown, path: string): Change {
  return { before, after, path, gainsList: isRecord(before) && isRecord(after) && gainsList(before, after) };
}

function gainsList(before: Tree, after: Tree): boolean {
  return Object.entries(after).some(([key, value]) => Array.isArray(value) && !Array.isArray(before[key]));
}

/** Returns how many elements both lists share at the front, and how many of the others at the end. */
function sharedBy(before: readonly unknown[], after: readonly unknown[]): { front: number; end: number } {
  const most = Math.min(before.length, after.length);
  let front = 0;
  while (front < most && before[front] === after[front]) front += 1;
  let end = 0;
  while (end < most - front && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { front, end };
}

const NONE: ReadonlyMap<number, number> = new Map();

/**
 * Returns the old and the new index of each element that stays. Both increase, as no element that stays overtakes
 * another.
 */
function keptOf(
  before: readonly unknown[],
  after: readonly unknown[],
  own: ReadonlySet<string>,
): ReadonlyMap<number, number> {
  if (before.length === 0 || after.length === 0) return NONE;
  const targets = new Map(namesOf(after).map((name, index) => [name, index]));
  const common = namesOf(before).flatMap((name, from) => {
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

/** Returns a unique name for each element of a list: its own name with its number among those of the same name. */
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
  // A mount is known by its path: a volume may be mounted many times, but a container has one mount at a path.
  if (typeof mountPath === 'string') return mountPath;
  return typeof name === 'string' ? name : JSON.stringify(element);
}

function isRecord(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

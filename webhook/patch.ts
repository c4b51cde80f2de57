/** Two states of a pod in, a JSON Patch out: the only file that knows fast-json-patch. */
import jsonPatch from 'fast-json-patch';
import type { Container, Pod } from './pod.ts';

export type PatchOperation = {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
};

const LIST = '/spec/initContainers';

/**
 * The operations that turn `before` into `after`. A comparison by position would rewrite every init container behind one
 * that is put in front, field by field; so the container called `inserted` moves first, and only the rest is compared.
 */
export function diff(before: Pod, after: Pod, inserted: string): PatchOperation[] {
  const moves = placement(before.spec.initContainers, after.spec.initContainers, inserted);
  const placed = jsonPatch.applyPatch(structuredClone(before), moves).newDocument;
  return [...moves, ...jsonPatch.compare(placed, after)];
}

function placement(
  before: Container[] | null | undefined,
  after: Container[] | null | undefined,
  inserted: string,
): jsonPatch.Operation[] {
  const from = before?.findIndex(({ name }) => name === inserted) ?? -1;
  const to = after?.findIndex(({ name }) => name === inserted) ?? -1;
  const container = after?.[to];
  if (container === undefined || from === to) return [];
  if (!before) return [{ op: 'add', path: LIST, value: [container] }];
  const add = { op: 'add', path: `${LIST}/${to}`, value: container } as const;
  return from === -1 ? [add] : [{ op: 'remove', path: `${LIST}/${from}` }, add];
}

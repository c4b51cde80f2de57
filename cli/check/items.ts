/** Defines what `check` says: one line and at most one fix for each thing that it looks at. */
import type { Answer } from '../cluster/cluster.ts';

export type Item = {
  readonly name: string;
  /** `note`: it works, and somebody may want to know; `unseen`: it could not be looked at. */
  readonly result: 'ok' | 'note' | 'problem' | 'unseen';
  readonly what: string;
  readonly fix?: string;
};

export function ok(name: string, what: string): Item {
  return { name, result: 'ok', what };
}

export function note(name: string, what: string, fix?: string): Item {
  return { name, result: 'note', what, ...(fix !== undefined && { fix }) };
}

export function problem(name: string, what: string, fix: string): Item {
  return { name, result: 'problem', what, fix };
}

export function unseen(name: string, why: string): Item {
  return { name, result: 'unseen', what: `Not looked at: ${why}` };
}

/** Returns the item for an answer without an object. `absent` says what it means that there is none. */
export function notFound(name: string, answer: Exclude<Answer<unknown>, { kind: 'found' }>, absent: string): Item {
  return unseen(name, answer.kind === 'unknown' ? answer.why : absent);
}

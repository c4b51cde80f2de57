/**
 * Notes in the state's volume what the next process of the container has to know, as the container may be killed and started
 * again while the pod runs.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_DIRECTORY } from '../contract/rotation.ts';

const FILE = 'written.json';

/** There is a note as soon as a complete set of files was written. */
export type Note = {
  /** True if a change asks for a restart that is still to come. */
  readonly restart: boolean;
  /** The changed files of which the app has not been notified yet. */
  readonly notify: readonly string[];
};

/** Says that nothing is still to be done. */
export const NOTHING_TO_DO: Note = { restart: false, notify: [] };

/** Returns the note of an earlier process, or undefined if there is none that can be read. */
export function readNote(root: string): Note | undefined {
  try {
    const { restart, notify } = JSON.parse(readFileSync(join(root, STATE_DIRECTORY, FILE), 'utf8')) as Partial<Note>;
    return { restart: restart === true, notify: Array.isArray(notify) ? notify.map(String) : [] };
  } catch {
    return undefined;
  }
}

/** Writes the note. Throws what the system says. */
export function writeNote(root: string, note: Note): void {
  const file = join(root, STATE_DIRECTORY, FILE);
  writeFileSync(`${file}.tmp`, JSON.stringify(note), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

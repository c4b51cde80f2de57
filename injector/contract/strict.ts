/** Defines objects that have known members only, and names the others. */
import * as v from 'valibot';
import { isMembers } from './members.ts';

/** Reads an object that has these members only. The library would take a list for an object without members. */
export function strict<const T extends v.ObjectEntries>(entries: T) {
  return v.pipe(v.custom<object>(isMembers, 'must be an object'), option(entries));
}

/** Reads an object that has these members only, one of which is required, as an option of `v.variant` or `v.union`. */
export function option<const T extends v.ObjectEntries>(entries: T) {
  // The library reports one of the members that are not known. By the names in its message, `unknownIn` finds all of them.
  return v.strictObject(entries, Object.keys(entries).join(' '));
}

/** Returns the names of all members that an object should not have; undefined if the issue is about something else. */
export function unknownIn({ expected, message, path }: v.BaseIssue<unknown>): string[] | undefined {
  if (expected !== 'never') return undefined;
  const known = message.split(' ');
  return Object.keys(Object(path?.at(-1)?.input)).filter((name) => !known.includes(name));
}

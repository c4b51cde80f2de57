/** Defines an object of texts whose names somebody else chooses, such as tags and labels. */
import * as v from 'valibot';
import { isMembers, type Members } from './members.ts';

/** Reads an object of texts. `v.record` would leave out the names `constructor` and `prototype`, and take a list for an object. */
export const texts = v.pipe(
  v.unknown(),
  v.guard(isMembers, 'must be an object'),
  v.rawTransform<Members, Record<string, string>>(({ dataset: { value: input }, addIssue }) => {
    const read: [string, string][] = [];
    for (const [key, value] of Object.entries(input)) {
      const path = { type: 'object', origin: 'value', input, key, value } as const;
      if (typeof value === 'string') read.push([key, value]);
      else addIssue({ message: 'must be a text', input: value, path: [path] });
    }
    return Object.fromEntries(read);
  }),
);

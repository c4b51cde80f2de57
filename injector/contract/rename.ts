/** Defines how keys get other names before they become files or variables, as External Secrets renames them. */
import * as v from 'valibot';
import { text } from './access.ts';
import { option, strict } from './strict.ts';

/** Bounds the work of a pattern: Go's own limit is far above it. */
export const LONGEST_PATTERN = 1000;

/** A list has at most so many steps: each step reads every key once. */
export const MOST_STEPS = 16;

/** The names of the conversions, which are External Secrets' own: characters that no key of a Secret may have are replaced. */
export const CONVERSIONS = ['Default', 'Unicode'] as const;

export type Conversion = (typeof CONVERSIONS)[number];

/** The step that replaces the values of a search by their keys: each value is a JSON object. Only a search may have it. */
export const MERGE = 'Merge';

const short = v.maxLength<string, number, string>(LONGEST_PATTERN, `must have at most ${LONGEST_PATTERN} characters`);

const pattern = v.pipe(text, short);

/** Reads the regular expression (RE2) that the name of an object has to match somewhere. */
export const namePattern = v.optional(pattern);

const step = v.union([
  v.picklist(CONVERSIONS),
  v.literal(MERGE),
  option({
    /** A regular expression (RE2). Everything that it matches in the key is replaced. */
    source: pattern,
    /** The replacement, in which `$1`, `${1}` and `${name}` stand for groups, as in Go. */
    target: v.pipe(v.string(), short),
  }),
]);

/** Reads the steps by which keys get other names, in their order. If it is absent, keys keep their names. */
export const rename = v.optional(
  v.pipe(
    v.array(step),
    v.nonEmpty('must not be empty'),
    v.maxLength(MOST_STEPS, `must have at most ${MOST_STEPS} items`),
  ),
);

/** Reads the key that an output takes of a JSON object, by its name after the steps. */
export const pick = v.optional(strict({ key: text, rename }));

export type RenameStep = v.InferOutput<typeof step>;
export type Rename = readonly RenameStep[];
export type Pick = NonNullable<v.InferOutput<typeof pick>>;

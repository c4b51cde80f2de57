/** Defines how keys get other names before they become files or variables, as External Secrets renames them. */
import * as z from 'zod/mini';

/** Bounds the work of a pattern: Go's own limit is far above it. */
export const LONGEST_PATTERN = 1000;

/** A list has at most so many steps: each step reads every key once. */
export const MOST_STEPS = 16;

/** The names of the conversions, which are External Secrets' own: characters that no key of a Secret may have are replaced. */
export const CONVERSIONS = ['Default', 'Unicode'] as const;

export type Conversion = (typeof CONVERSIONS)[number];

/** The step that replaces the values of a search by their keys: each value is a JSON object. Only a search may have it. */
export const MERGE = 'Merge';

const pattern = z.string().check(z.minLength(1), z.maxLength(LONGEST_PATTERN));

/** Reads the regular expression (RE2) that the name of an object has to match somewhere. */
export const namePattern = z.optional(pattern);

const step = z.union([
  z.enum(CONVERSIONS),
  z.literal(MERGE),
  z.strictObject({
    /** A regular expression (RE2). Everything that it matches in the key is replaced. */
    source: pattern,
    /** The replacement, in which `$1`, `${1}` and `${name}` stand for groups, as in Go. */
    target: z.string().check(z.maxLength(LONGEST_PATTERN)),
  }),
]);

/** Reads the steps by which keys get other names, in their order. If it is absent, keys keep their names. */
export const rename = z.optional(z.array(step).check(z.minLength(1), z.maxLength(MOST_STEPS)));

/** Reads the key that an output takes of a JSON object, by its name after the steps. */
export const pick = z.optional(z.strictObject({ key: z.string().check(z.minLength(1)), rename }));

export type RenameStep = z.infer<typeof step>;
export type Rename = readonly RenameStep[];
export type Pick = NonNullable<z.infer<typeof pick>>;

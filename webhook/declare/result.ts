/** Is the result of reading a user's text: the value, or the problem as the end of a sentence with the fix. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Returns the result of a text that is valid. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** Returns the result of a text that is not valid. */
export function err(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

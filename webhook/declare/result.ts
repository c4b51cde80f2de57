/** What a reader of user text gives back: the value, or what is wrong with the text as the end of a sentence. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function err(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** Has the messages between the main thread and the thread of large reviews, and errors as they cross. */
import type { Facts } from '../../admission/facts.ts';
import type { AdmissionSettings } from '../../settings.ts';
import type { Reviewed } from '../reviews.ts';

/** Has the data that the main thread gives to the thread when it starts it. */
export type Start = {
  readonly settings: AdmissionSettings;
  /** The names of the facts that the main thread knows. */
  readonly known: readonly (keyof Facts)[];
};

/** An error as data. A thread gets no other error with its code and its class. */
type Failure = Pick<NodeJS.ErrnoException, 'name' | 'message' | 'code' | 'stack'> & {
  /** The status of an answer that says it. */
  readonly statusCode?: number;
};

type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** A message to the thread: a review with its bytes, or the answer to one of its questions. */
export type ToThread =
  | { readonly kind: 'review'; readonly id: number; readonly body: ArrayBuffer }
  | { readonly kind: 'fact'; readonly id: number; readonly result: Result<unknown> };

/** A message from the thread: what came of a review, or a question about the cluster. */
export type FromThread =
  | { readonly kind: 'reviewed'; readonly id: number; readonly result: Result<Reviewed> }
  | { readonly kind: 'question'; readonly id: number; readonly name: keyof Facts; readonly asked: readonly unknown[] };

/** Waits for the end of some work, and returns its value or its error as data. */
export async function resultOf<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const { name, message, code, stack, statusCode } = error as Failure;
    return {
      ok: false,
      failure: { name, message, ...(code && { code }), ...(stack && { stack }), ...(statusCode && { statusCode }) },
    };
  }
}

/** Gives a result from the other thread to those who wait for it here. */
export function settle<T>({ resolve, reject }: Omit<PromiseWithResolvers<T>, 'promise'>, result: Result<T>): void {
  if (result.ok) resolve(result.value);
  else reject(Object.assign(new Error(result.failure.message), result.failure));
}

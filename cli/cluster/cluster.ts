/** Defines what commands ask a cluster, and the answers. connect.ts asks; everything else works on these. */

/** The objects of one kind, in one namespace or in all of them. */
export type Collection = {
  /** The version, like `v1`, or the group and the version, like `apps/v1`. */
  readonly api: string;
  readonly plural: string;
  readonly namespace?: string;
};

/** Holds the answer to a question: the object, that there is none, or a sentence that says why the user may not know. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string };

/** Holds the API server's answer to an object that was sent. `code` is the status of HTTP. */
export type Created<T> =
  | { readonly kind: 'created'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

/** Asks with the rights of the user. A cluster that gives no answer at all is wrong use: each function throws a `UsageError` then. */
export type Cluster = {
  /** The namespace that the user named, else that of the context. */
  readonly namespace: string;
  readonly get: <T>(collection: Collection, name: string) => Promise<Answer<T>>;
  /** Returns all objects of a collection, or those that a field selector chooses. */
  readonly list: <T>(collection: Collection, fieldSelector?: string) => Promise<Answer<readonly T[]>>;
  /**
   * Sends an object and returns what the API server makes of it, or the words in which it refuses. With `dryRun`, the API server
   * does everything but keep it.
   */
  readonly create: <T>(
    collection: Collection,
    body: object,
    options?: { readonly dryRun?: true },
  ) => Promise<Created<T>>;
  /** Returns what is at a path of the API that holds no objects, like `/version`. */
  readonly read: <T>(path: string) => Promise<Answer<T>>;
};

/** The options of the commands that ask a cluster. */
export type ClusterOptions = { readonly context?: string; readonly namespace?: string };

/** Returns the object of an answer, or undefined if it has none. */
export function objectIn<T>(answer: Answer<T> | undefined): T | undefined {
  return answer?.kind === 'found' ? answer.value : undefined;
}

/** Returns the answer with something that is made of its object. */
export function mapAnswer<T, U>(answer: Answer<T>, make: (value: T) => U): Answer<U> {
  return answer.kind === 'found' ? { kind: 'found', value: make(answer.value) } : answer;
}

/** Returns why nobody knows, one sentence for each answer that is unknown. */
export function unknownIn(answers: readonly (Answer<unknown> | undefined)[]): string[] {
  return [...new Set(answers.flatMap((answer) => (answer?.kind === 'unknown' ? [answer.why] : [])))];
}

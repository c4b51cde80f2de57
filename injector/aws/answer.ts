/** Reads the answers of AWS, and bounds their size, so that memory is bounded whoever serves the endpoint. */
import { type BodyReader, createBodyReader } from './body.ts';
import { named } from './error.ts';
import { createHeadReader, type Head } from './head.ts';

/**
 * An answer that holds no value has at most so many bytes: it is an error, or it has credentials. The API reference of STS says
 * of a session token only that its size may grow; the policies and tags that are packed into it are limited to a few KiB.
 */
export const REST = 64 * 1024;

/** Returns the most bytes that JSON takes for a value of so many bytes: it writes a control character as six, `\u0001`. */
export function jsonLimit(bytes: number): number {
  return 6 * bytes;
}

export type Answer = Head & {
  readonly body: Buffer;
  /** True if the connection can take another request. */
  readonly isReusable: boolean;
};

/** Reads one answer from the bytes of a connection. */
export type AnswerReader = {
  /**
   * Takes the next bytes. Returns the answer when it is complete, `body` if only its head is, and `head` before. Throws
   * UnreadableAnswer or AnswerTooLarge.
   */
  take(bytes: Buffer): Answer | 'body' | 'head';
  /** Returns the answer when the connection has ended. Throws an error with the code ECONNRESET if it is not complete. */
  end(): Answer;
};

/** Creates the reader of one answer whose body has at most `limit` bytes. */
export function createAnswerReader(limit: number): AnswerReader {
  const start = createHeadReader();
  let begun: { readonly head: Head; readonly body: BodyReader } | undefined;
  return {
    take: (bytes) => {
      const found = begun === undefined ? start.take(bytes) : { head: begun.head, rest: bytes };
      if (found === undefined) return 'head';
      const { head, rest } = found;
      begun ??= { head, body: createBodyReader(head, limit) };
      const after = begun.body.take(rest);
      if (after === undefined) return 'body';
      const isKept = !/\bclose\b/i.test(head.headers.get('connection') ?? '');
      return { ...head, body: begun.body.bytes(), isReusable: isKept && after.length === 0 };
    },
    end: () => {
      if (!begun?.body.endsWithConnection) throw Object.assign(named('Error'), { code: 'ECONNRESET' });
      return { ...begun.head, body: begun.body.bytes(), isReusable: false };
    },
  };
}

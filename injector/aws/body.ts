/** Reads the body of an answer of HTTP/1.1, in the three ways in which its end may be marked, up to a limit. */
import { named } from './error.ts';
import { HEAD_LIMIT, type Head } from './head.ts';

/** The line before a chunk has at most so many bytes. It has a number, and AWS adds no extension. */
const LINE_LIMIT = 256;

const EMPTY: Buffer = Buffer.alloc(0);

/** Reads one body. */
export type BodyReader = {
  /**
   * Takes the next bytes. Returns the bytes after the body when it is complete, and undefined before. Throws AnswerTooLarge as
   * soon as it is clear, or UnreadableAnswer.
   */
  take(bytes: Buffer): Buffer | undefined;
  /** True if the body ends where the connection does. */
  readonly endsWithConnection: boolean;
  /** Returns what has been read. */
  bytes(): Buffer;
};

/** Creates the reader of the body after this head. The body has at most `limit` bytes. Throws as `take` does. */
export function createBodyReader({ status, headers }: Head, limit: number): BodyReader {
  const sink = createSink(limit);
  const { bytes } = sink;
  const [encoding, length] = [headers.get('transfer-encoding'), headers.get('content-length')];
  if (status === 204 || status === 304) return { take: (rest) => rest, endsWithConnection: false, bytes };
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked' || length !== undefined) throw named('UnreadableAnswer');
    return { take: takeChunks(sink), endsWithConnection: false, bytes };
  }
  if (length !== undefined) return { take: takeLength(sink, length), endsWithConnection: false, bytes };
  const take = (more: Buffer) => {
    sink.add(more);
    return undefined;
  };
  return { take, endsWithConnection: true, bytes };
}

/** Creates the error for an answer that has more bytes than the limit. */
function tooLarge(limit: number): Error {
  return Object.assign(named('AnswerTooLarge'), { limit });
}

type Sink = {
  add(bytes: Buffer): void;
  /** Throws AnswerTooLarge if that many bytes more are too many. */
  expect(bytes: number): void;
  bytes(): Buffer;
};

/** Creates one buffer that grows, so that a body in chunks of one byte each takes no more memory than any other. */
function createSink(limit: number): Sink {
  let body = EMPTY;
  let size = 0;
  const expect = (bytes: number) => {
    if (size + bytes > limit) throw tooLarge(limit);
  };
  return {
    expect,
    add: (bytes) => {
      expect(bytes.length);
      const needed = size + bytes.length;
      if (needed > body.length) body = Buffer.concat([body.subarray(0, size)], Math.max(needed, 2 * body.length));
      bytes.copy(body, size);
      size = needed;
    },
    bytes: () => body.subarray(0, size),
  };
}

function takeLength(sink: Sink, length: string): BodyReader['take'] {
  if (!/^\d{1,15}$/.test(length)) throw named('UnreadableAnswer');
  let left = Number(length);
  sink.expect(left);
  return (bytes) => {
    const some = bytes.subarray(0, left);
    sink.add(some);
    left -= some.length;
    return left === 0 ? bytes.subarray(some.length) : undefined;
  };
}

type Part = 'size' | 'bytes' | 'gap' | 'trailer' | 'end';

function takeChunks(sink: Sink): BodyReader['take'] {
  let pending = EMPTY;
  let part: Part = 'size';
  let left = 0;
  let trailers = 0;
  /** Returns the next line and takes it away, or undefined if it is not complete. */
  const takeLine = (limit: number): string | undefined => {
    const end = pending.indexOf('\r\n');
    // The mark itself may be there in half.
    if (end > limit || (end < 0 && pending.length > limit + 1)) throw named('UnreadableAnswer');
    if (end < 0) return undefined;
    const line = pending.toString('latin1', 0, end);
    pending = pending.subarray(end + 2);
    return line;
  };
  /** Each reads one part and returns the next one, or undefined if that needs more bytes. */
  const parts: Readonly<Record<Exclude<Part, 'end'>, () => Part | undefined>> = {
    size: () => {
      const line = takeLine(LINE_LIMIT);
      if (line === undefined) return undefined;
      left = sizeIn(line);
      sink.expect(left);
      return left === 0 ? 'trailer' : 'bytes';
    },
    bytes: () => {
      if (pending.length === 0) return undefined;
      const some = pending.subarray(0, left);
      sink.add(some);
      left -= some.length;
      pending = pending.subarray(some.length);
      return left === 0 ? 'gap' : 'bytes';
    },
    gap: () => {
      const line = takeLine(0);
      return line === undefined ? undefined : 'size';
    },
    trailer: () => {
      const line = takeLine(HEAD_LIMIT - trailers);
      if (line === undefined) return undefined;
      trailers += line.length + 2;
      return line === '' ? 'end' : 'trailer';
    },
  };
  return (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (part !== 'end') {
      const next = parts[part]();
      if (next === undefined) return undefined;
      part = next;
    }
    return pending;
  };
}

function sizeIn(line: string): number {
  const [, digits] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (digits === undefined) throw named('UnreadableAnswer');
  return Number.parseInt(digits, 16);
}

/** Reads the head of an answer of HTTP/1.1: its status and its headers. */
import { named } from './error.ts';

/** A head, and the trailers of a body, have at most so many bytes, as in Node. */
export const HEAD_LIMIT = 16 * 1024;

const END = '\r\n\r\n';

/** Has the status of an answer, and its headers by their names in small letters. */
export type Head = { readonly status: number; readonly headers: ReadonlyMap<string, string> };

export type HeadReader = {
  /** Takes the next bytes. Returns the head and the bytes after it, or undefined before it is complete. Throws UnreadableAnswer. */
  take(bytes: Buffer): { readonly head: Head; readonly rest: Buffer } | undefined;
};

/** Creates the reader of the next head that is final. It passes over provisional ones, which count for the same limit. */
export function createHeadReader(): HeadReader {
  let pending: Buffer = Buffer.alloc(0);
  let room = HEAD_LIMIT;
  return {
    take: (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const end = pending.indexOf(END);
        if (end > room || (end < 0 && pending.length > room)) throw named('UnreadableAnswer');
        if (end < 0) return undefined;
        const head = parseHead(pending.toString('latin1', 0, end));
        pending = pending.subarray(end + END.length);
        room -= end;
        if (head.status >= 200) return { head, rest: pending };
      }
    },
  };
}

/** The headers that say where a body ends: two that differ could be read in two ways. */
const FRAMING = new Set(['content-length', 'transfer-encoding']);

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw named('UnreadableAnswer');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === '' || (FRAMING.has(key) && headers.has(key))) throw named('UnreadableAnswer');
    headers.set(key, value);
  }
  return { status: Number(status), headers };
}

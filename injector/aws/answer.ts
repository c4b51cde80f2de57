/** Limits the size of each answer, so that memory is bounded whoever serves the endpoint. */
import { named } from './error.ts';

/**
 * An answer that holds no value has at most so many bytes: it is an error, or it has credentials. The API reference of STS says
 * of a session token only that its size may grow; the policies and tags that are packed into it are limited to a few KiB.
 */
export const REST = 64 * 1024;

/** Returns the most bytes that JSON takes for a value of so many bytes: it writes a control character as six, `\u0001`. */
export function jsonLimit(bytes: number): number {
  return 6 * bytes;
}

/** Returns the bytes of an answer. Throws AnswerTooLarge as soon as it has more than so many. */
export async function readBytes(answer: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
  }
  return Buffer.concat(chunks);
}

/** Returns the text of an answer. Throws AnswerTooLarge as soon as it has more than so many bytes. */
export async function readText(answer: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  return (await readBytes(answer, limit)).toString();
}

/** Creates the error for an answer that has more bytes than the limit. */
function tooLarge(limit: number): Error {
  return Object.assign(named('AnswerTooLarge'), { limit });
}

/** Writes the log lines of one turn of the event loop at once, because a write takes as long as a tenth of a review. */
import { writeSync } from 'node:fs';

/** Milliseconds until a pipe that was full is tried again. */
const FULL_MS = 10;

/**
 * Returns a stream that writes lines to an open file after each turn of the event loop in which some came. `flush` writes those
 * that are left: call it when the process ends, also by an error.
 */
export function linesTo(file: number) {
  let lines = '';
  const flush = (): void => {
    const text = lines;
    lines = '';
    if (text !== '') writeWhole(file, Buffer.from(text));
  };
  const write = (line: string): void => {
    if (lines === '') setImmediate(flush);
    lines += line;
  };
  return { write, flush };
}

/** Waits while a pipe is full. Lines that nobody can read any more are lost: the webhook goes on without its log. */
function writeWhole(file: number, text: Buffer): void {
  let left = text;
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(file, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    }
  }
}

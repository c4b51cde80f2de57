/**
 * Reads each body into one buffer that grows as its bytes come, so that memory follows what was sent, and not what was
 * announced.
 */
import type { IncomingMessage } from 'node:http';
import type { Clients } from './clients.ts';
import { RETRY_AFTER, type Refusal, tooLarge } from './refusal.ts';
import { createTurns } from './turns.ts';

/** A buffer has so many bytes at first. Most reviews fit. */
const FIRST = 16 * 2 ** 10;

/**
 * Bytes of one body that are read in one go. Ordinary reviews fit, and never wait for a turn. Node would read up to 2 MiB of one
 * body before it looks at anything else.
 */
const PART = 32 * 2 ** 10;

/** Lets four bodies go on per turn of the event loop. */
const readOn = createTurns(4);

/** Refuses few bodies per turn of the event loop: the answer and the end of a TLS connection take half a millisecond. */
const refuseLater = createTurns(8);

const NO_ROOM: Refusal = {
  status: 503,
  error: 'too many requests at once: try again',
  headers: { 'retry-after': `${RETRY_AFTER}` },
};

/**
 * Reads a body of at most `limit` bytes. Calls `onEnd` once: with the body, with `gone` where the client has left, or with the refusal
 * of a body that is too large or for which there is no room.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  clients: Pick<Clients, 'reading' | 'read'>,
  onEnd: (how: Buffer | 'gone' | Refusal) => void,
): void {
  const most = Math.min(limit, Number(request.headers['content-length'] ?? limit));
  let room = new ArrayBuffer(0);
  let length = 0;
  /** The length when the last part began. */
  let lengthBefore = 0;
  /** A body that came in one piece, which is most of them. It is not copied. */
  let piece: Buffer | undefined;
  let isOver = false;

  function finish(how: Buffer | 'gone' | Refusal): void {
    if (isOver) return;
    isOver = true;
    if (!Buffer.isBuffer(how)) room = room.transfer(0);
    onEnd(how);
  }

  function giveUp(): void {
    if (isOver) return;
    isOver = true;
    request.pause();
    room = room.transfer(0);
    piece = undefined;
    refuseLater(() => onEnd(NO_ROOM));
  }

  function add(chunk: Buffer): void {
    if (isOver) return;
    const needed = length + chunk.length;
    if (needed > most) {
      finish(tooLarge(limit));
      return;
    }
    if (needed === most && length === 0) {
      length = most;
      piece = chunk;
      clients.reading(request, most, giveUp);
      return;
    }
    if (needed > room.byteLength) {
      const size = Math.min(most, Math.max(FIRST, needed, 2 * room.byteLength));
      clients.reading(request, size, giveUp);
      if (isOver) return;
      // Unlike a copy, this frees the old buffer at once.
      room = room.transfer(size);
    }
    new Uint8Array(room).set(chunk, length);
    length = needed;
    if (length - lengthBefore < PART || length === most) return;
    request.pause();
    readOn(() => {
      lengthBefore = length;
      if (!isOver) request.resume();
    });
  }

  request
    .on('data', add)
    .on('close', () => finish('gone'))
    .on('end', () => {
      // A body may have been refused between its last bytes and its end. Its memory is gone then.
      if (isOver) return;
      clients.read(request);
      finish(piece ?? Buffer.from(room, 0, length));
    });
}

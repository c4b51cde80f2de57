/** Makes requests on one connection, one after the other. */
import type { Socket } from 'node:net';
import { type Answer, createAnswerReader } from './answer.ts';
import { named } from './error.ts';

/** An answer begins within so many milliseconds, and its body ends within as many more, however slowly it comes. */
const ANSWER_TIMEOUT = 5_000;

export type Connection = {
  /**
   * Sends the bytes of a request and returns the answer, whose body has at most `limit` bytes. It must not be called again
   * before that. Rejects with TimeoutError, UnreadableAnswer, AnswerTooLarge, or the error of the socket; the connection is
   * closed then.
   */
  ask(request: string, limit: number): Promise<Answer>;
  /** Returns whether it can take a request. */
  isOpen(): boolean;
  close(): void;
};

/** Creates the connection of an opened socket. What the other side sends without a request closes it. */
export function createConnection(socket: Socket): Connection {
  let take = (_: Buffer): void => void socket.destroy();
  let stop = (_?: Error): void => {};
  let isBroken = false;
  socket.on('data', (bytes) => take(bytes));
  socket.on('error', (error) => stop(error));
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      isBroken = true;
      stop();
      socket.destroy();
    });
  }
  return {
    ask: (request, limit) =>
      new Promise((resolve, reject) => {
        const reader = createAnswerReader(limit);
        let hasBegun = false;
        const expire = () => fail(named('TimeoutError'));
        let timer = setTimeout(expire, ANSWER_TIMEOUT);
        const rest = () => {
          clearTimeout(timer);
          take = () => void socket.destroy();
          stop = () => {};
        };
        const fail = (error: unknown) => {
          rest();
          isBroken = true;
          socket.destroy();
          reject(error);
        };
        const succeed = (answer: Answer) => {
          rest();
          if (!answer.isReusable) {
            isBroken = true;
            socket.destroy();
          }
          resolve(answer);
        };
        take = (bytes) => {
          try {
            const read = reader.take(bytes);
            if (typeof read === 'object') return succeed(read);
            if (read === 'head' || hasBegun) return;
            hasBegun = true;
            clearTimeout(timer);
            timer = setTimeout(expire, ANSWER_TIMEOUT);
          } catch (error) {
            fail(error);
          }
        };
        stop = (error) => {
          if (error !== undefined) return fail(error);
          try {
            succeed(reader.end());
          } catch (reason) {
            fail(reason);
          }
        };
        if (isBroken) return stop();
        socket.write(request);
      }),
    isOpen: () => !isBroken && !socket.destroyed,
    close: () => {
      isBroken = true;
      socket.destroy();
    },
  };
}

/** Limits the size of each answer, so that memory is bounded whoever serves the endpoint. */
import type { DeserializeHandler, DeserializeMiddleware, HandlerExecutionContext } from '@smithy/types';
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

/** Returns how many bytes the answer to a command with this input may have. */
export type AnswerLimit = (command: string, input: object) => number;

export type Limitable = {
  readonly middlewareStack: {
    add(middleware: DeserializeMiddleware<object, object>, options: typeof NEXT_TO_THE_NETWORK): void;
  };
};

const NEXT_TO_THE_NETWORK = { step: 'deserialize', priority: 'low', name: 'limitAnswer' } as const;

/**
 * Changes the client so that a request rejects with AnswerTooLarge if its answer has more bytes than the limit. Returns the
 * client.
 */
export function limitAnswers<Client extends Limitable>(client: Client, answerLimit: AnswerLimit): Client {
  const limitOne =
    (next: DeserializeHandler<object, object>, context: HandlerExecutionContext): DeserializeHandler<object, object> =>
    async (args) => {
      const result = await next(args);
      const response = result.response as { body: unknown };
      const limit = answerLimit(context.commandName ?? '', args.input);
      response.body = await readBytes(response.body as AsyncIterable<Uint8Array>, limit);
      return result;
    };
  client.middlewareStack.add(limitOne, NEXT_TO_THE_NETWORK);
  return client;
}

/** Returns the bytes of an answer. Throws AnswerTooLarge as soon as it has more than so many bytes. */
async function readBytes(answer: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
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

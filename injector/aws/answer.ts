/** Reads answers of AWS up to a size and for a time: whoever sits at the endpoint, memory and time are bounded. */
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DeserializeHandler, DeserializeMiddleware, HandlerExecutionContext } from '@smithy/types';
import { answerLimit } from './answer-limits.ts';
import { named } from './error.ts';

/** Milliseconds for an answer's body, however slowly it comes: the time-outs of the SDK see only its beginning, and silence. */
const BODY_TIMEOUT = 5_000;

type Limitable = {
  readonly middlewareStack: {
    add(middleware: DeserializeMiddleware<object, object>, options: typeof NEXT_TO_THE_NETWORK): void;
  };
};

const NEXT_TO_THE_NETWORK = { step: 'deserialize', priority: 'low', name: 'limitAnswer' } as const;

/** Returns the client, each of whose answers fails with AnswerTooLarge or TimeoutError where it goes beyond its limits. */
export function limitAnswers<Client extends Limitable>(client: Client): Client {
  client.middlewareStack.add(limitOne, NEXT_TO_THE_NETWORK);
  return client;
}

function limitOne(
  next: DeserializeHandler<object, object>,
  context: HandlerExecutionContext,
): DeserializeHandler<object, object> {
  return async (args) => {
    const result = await next(args);
    const response = result.response as { body?: unknown };
    const limit = answerLimit(context.commandName ?? '', args.input);
    if (response.body instanceof Readable) response.body = limitBody(response.body, limit);
    return result;
  };
}

function limitBody(body: Readable, limit: number): Readable {
  const counted = new Transform({ transform: counting(limit) });
  const timer = setTimeout(() => body.destroy(named('TimeoutError')), BODY_TIMEOUT);
  // The reader of the counted stream hears of every error.
  void pipeline(body, counted)
    .catch(() => {})
    .finally(() => clearTimeout(timer));
  return counted;
}

function counting(limit: number) {
  let left = limit;
  return (chunk: Uint8Array, _encoding: string, done: (error: Error | null, chunk?: Uint8Array) => void) => {
    left -= chunk.length;
    if (left < 0) done(tooLarge(limit));
    else done(null, chunk);
  };
}

/** Returns the error of an answer that has more bytes than the limit. */
export function tooLarge(limit: number): Error {
  return Object.assign(named('AnswerTooLarge'), { limit });
}

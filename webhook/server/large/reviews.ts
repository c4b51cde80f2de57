/**
 * Answers large reviews in a thread of their own, so that small ones do not wait while megabytes are parsed. The thread is started for
 * the first of them. The intake bounds how many there are, and their bytes.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Facts } from '../../admission/facts.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { createDeadlines } from '../deadlines.ts';
import type { Reviewed } from '../reviews.ts';
import { type FromThread, resultOf, type Start, settle, type ToThread } from './messages.ts';

/**
 * The memory of the thread in MiB. The intake lets two reviews run at once. The two worst that were found need an old generation of 87: each
 * has 200,000 values and a key `__proto__`, which makes JSON.parse keep twice as much. One with 190,000 labels needs 40. A thread that
 * needs more ends, and not the process. The young generation is that of the image's options, which count for all threads.
 */
export const THREAD_MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 48 };

/** Milliseconds after which the thread is ended that has not answered a review. The API server waits for at most 30 s. */
const LONGEST_MS = 30_000;

export type LargeOptions = {
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  /** Called when the thread ended by itself, or had to be ended; its reviews failed, and the next one starts another thread. */
  readonly onFailure: (error: Error) => void;
  /** Tests set a shorter time and less memory. */
  readonly longestMs?: number;
  readonly memory?: typeof THREAD_MEMORY;
};

/** Returns a function that answers the body of a large review, as `reviewBody` does, and one that ends the thread. */
export function createLargeReviews(options: LargeOptions) {
  let thread: Thread | undefined;
  let isClosed = false;
  return {
    async review(body: Buffer): Promise<Reviewed> {
      if (isClosed) throw new Error('the thread of large reviews is closed');
      thread ??= startThread(options, () => {
        thread = undefined;
      });
      return thread.review(body);
    },
    async close(): Promise<void> {
      isClosed = true;
      await thread?.close();
    },
  };
}

/**
 * Starts the thread with its memory. An option of the process for the old generation, as the image has one, would count in place of
 * the thread's own limit. V8 reads it when a heap is made, so that it is set to that limit here; the heap of this thread stays as it is.
 */
export function startWorker(start: Start, memory: typeof THREAD_MEMORY): Worker {
  setFlagsFromString(`--max-old-space-size=${memory.maxOldGenerationSizeMb}`);
  return new Worker(new URL(import.meta.resolve('./main.ts')), {
    workerData: start,
    resourceLimits: memory,
    execArgv: [],
    env: {},
  });
}

type Thread = ReturnType<typeof startThread>;

function startThread(
  { settings, facts, onFailure, longestMs = LONGEST_MS, memory = THREAD_MEMORY }: LargeOptions,
  onEnd: () => void,
) {
  const start: Start = { settings, known: Object.keys(facts) as (keyof Facts)[] };
  const worker = startWorker(start, memory);
  worker.unref();
  const waiting = new Map<number, PromiseWithResolvers<Reviewed>>();
  const deadlines = createDeadlines<number>(longestMs, () => end(new Error('a large review took too long')));
  let count = 0;
  let isClosed = false;

  function stop(error: Error): Promise<number> {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(error);
    return worker.terminate();
  }

  function end(error: Error): void {
    if (isClosed) return;
    onEnd();
    onFailure(error);
    void stop(error);
  }

  const send = (message: ToThread, moved: ArrayBuffer[] = []) => worker.postMessage(message, moved);

  async function answerQuestion({ id, name, asked }: FromThread & { kind: 'question' }): Promise<void> {
    const ask = facts[name] as (...asked: readonly unknown[]) => Promise<unknown>;
    const result = await resultOf(() => ask(...asked));
    if (!isClosed) send({ kind: 'fact', id, result });
  }

  function finish({ id, result }: FromThread & { kind: 'reviewed' }): void {
    const review = waiting.get(id);
    waiting.delete(id);
    deadlines.end(id);
    if (review) settle(review, result);
  }

  worker.on('message', (message: FromThread) => {
    if (message.kind === 'reviewed') finish(message);
    else answerQuestion(message).catch(end);
  });
  worker.on('error', end);
  worker.on('messageerror', end);
  worker.on('exit', (code) => end(new Error(`the thread of large reviews ended with ${code}`)));

  return {
    review(body: Buffer): Promise<Reviewed> {
      count += 1;
      const review = Promise.withResolvers<Reviewed>();
      waiting.set(count, review);
      deadlines.begin(count);
      const bytes = ownBytes(body);
      send({ kind: 'review', id: count, body: bytes }, [bytes]);
      return review.promise;
    },
    async close(): Promise<void> {
      await stop(new Error('the thread of large reviews was closed'));
    },
  };
}

/** Returns the bytes of a body in memory that nothing else uses, so that it can be moved to the thread. Only a part of a memory is copied. */
function ownBytes(body: Buffer): ArrayBuffer {
  const { buffer, length } = body;
  return buffer instanceof ArrayBuffer && length === buffer.byteLength ? buffer : new Uint8Array(body).buffer;
}

/**
 * Reads of single objects that a pod waits for, where no cache knows the answer. A refused pod may name 16 classes, and whoever
 * may create pods decides how many are refused: so reads are few, bounded, and share their connections.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { connectionPool, createClient, LIVE_TIMEOUT_MS } from './client.ts';
import { found } from './errors.ts';

export type LiveReads = {
  /**
   * Returns the object at this path of the API, or undefined where there is none. An answer is shared by all who ask while it
   * is on its way, and for a second after it came. Throws where the API server fails, is silent for 4 s, or is asked too often.
   */
  read<T>(path: string): Promise<T | undefined>;
  /** Forgets an answer, as the object has changed since. */
  forget(path: string): void;
};

/** Requests in flight at a time, each on a connection of the pool. The others wait, and their time to wait runs. */
const CONNECTIONS = 16;

/** Reads that may be in flight or wait: four reviews with 16 classes each for every connection. */
const MOST_READS = 1024;

/** Controllers create a refused pod again after a second or more. */
const MEMORY_MS = 1000;

/** Returns a reader with a connection pool and a memory of its own. */
export function createLiveReads(kubeConfig: KubeConfig, { memoryMs = MEMORY_MS } = {}): LiveReads {
  const client = createClient(kubeConfig, LIVE_TIMEOUT_MS, connectionPool(kubeConfig, CONNECTIONS));
  const answers = new Map<string, Promise<unknown>>();
  let unanswered = 0;

  const forgetAnswer = (path: string, answer: Promise<unknown>) => {
    if (answers.get(path) === answer) answers.delete(path);
  };
  const ask = async (path: string): Promise<unknown> => {
    if (unanswered >= MOST_READS)
      throw new Error('too many reads of the Kubernetes API wait for their answers: try again');
    unanswered += 1;
    try {
      return await found(client.get(path));
    } finally {
      unanswered -= 1;
    }
  };
  const remember = (path: string): Promise<unknown> => {
    const answer = ask(path);
    answers.set(path, answer);
    answer.then(
      () => setTimeout(forgetAnswer, memoryMs, path, answer).unref(),
      () => forgetAnswer(path, answer),
    );
    return answer;
  };
  return {
    read: <T>(path: string) => (answers.get(path) ?? remember(path)) as Promise<T | undefined>,
    forget: (path) => void answers.delete(path),
  };
}

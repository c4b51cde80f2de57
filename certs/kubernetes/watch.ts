/** One watch of the API server's, until it ends. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Query, send } from './request.ts';

export type Watched<T> = {
  readonly path: string;
  readonly query: Query;
  /** What of each object is wanted; all of it where nothing is said. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** The API server has agreed to it. */
  readonly onOpen?: () => void;
  /** The type is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  readonly onEvent: (type: string, object: T) => void;
};

/** A connection that has died is as silent as a collection in which nothing happens. */
const SILENCE_MS = 30_000;

/**
 * Returns when the API server ends the watch, after a long silence, and when the signal aborts. Throws an ApiError where the
 * watch is refused, and what became of the connection where that fails.
 */
export async function watch<T>(kubeConfig: KubeConfig, watched: Watched<T>): Promise<void> {
  const { path, query, accept, signal, onOpen, onEvent } = watched;
  if (signal.aborted) return;
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener('abort', end);
  const timer = setTimeout(end, SILENCE_MS).unref();
  const asked = { path, query: { ...query, watch: true }, ...(accept && { accept }) };
  try {
    const answer = await send(kubeConfig, { ...asked, method: 'GET', signal: ending.signal });
    onOpen?.();
    let rest = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      timer.refresh();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter(Boolean)) {
        const { type, object } = JSON.parse(line);
        onEvent(type, object);
      }
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

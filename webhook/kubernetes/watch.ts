/** One watch, until it ends. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Query, send } from './client.ts';

export type Watched<T> = {
  readonly path: string;
  readonly query: Query;
  /** The part of each object that is wanted; without it, the API server sends whole objects. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** Called when the API server has accepted the watch. */
  readonly onOpen?: () => void;
  /** Is called with each event. Its type is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  readonly onEvent: (type: string, object: T) => void;
};

/** A watch ends after so many milliseconds of silence: a connection that has died is as silent as a collection without changes. */
const SILENCE_MS = 30_000;

/**
 * Watches. Returns when the API server ends the watch, after a long silence, and when the signal aborts. Throws an ApiError
 * where the watch is refused, and the connection's error where that fails.
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

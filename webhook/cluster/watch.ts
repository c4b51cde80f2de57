/** A list and a watch that never end: client-node's informers stop for good at most errors. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeConfig, Watch } from '@kubernetes/client-node';

export type Listed<T> = { readonly items: readonly T[]; readonly resourceVersion: string };

export type Log = Record<'info' | 'warn' | 'error', (object: object, message: string) => void>;

export type Source<T> = {
  readonly kubeConfig: KubeConfig;
  /** The API path to watch. */
  readonly path: string;
  readonly list: () => Promise<Listed<T>>;
  /** Everything, afresh. */
  readonly replace: (items: readonly T[]) => void;
  readonly changed: (item: T, deleted: boolean) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
};

const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 30_000;

/** Keeps a cache in step with the API until the signal aborts. What is known stays known while the API does not answer. */
export async function follow<T>(source: Source<T>): Promise<void> {
  const { log, path, signal } = source;
  let delay = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const started = performance.now();
    try {
      const { items, resourceVersion } = await source.list();
      source.replace(items);
      await watchFrom(source, resourceVersion);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ path, problem: problemOf(error), retryInMs: delay }, 'Lost the Kubernetes API; what is known stays');
    }
    // Where lists succeed and watches do not, lists must not follow one another at full speed.
    if (performance.now() - started > 2 * LAST_DELAY_MS) delay = FIRST_DELAY_MS;
    await pause(delay * (0.5 + Math.random()), signal);
    delay = Math.min(delay * 2, LAST_DELAY_MS);
  }
}

/** Follows changes for as long as the API server continues where the last watch ended; else a new list is needed. */
async function watchFrom<T>(source: Source<T>, resourceVersion: string): Promise<void> {
  let version: string | undefined = resourceVersion;
  while (version !== undefined && !source.signal.aborted) {
    version = await watchOnce(source, version);
    await pause(FIRST_DELAY_MS, source.signal);
  }
}

async function watchOnce<T>(source: Source<T>, resourceVersion: string): Promise<string | undefined> {
  const { kubeConfig, path, changed, signal } = source;
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  let version: string | undefined = resourceVersion;
  const onEvent = (phase: string, object: T & { metadata?: { resourceVersion?: string } }) => {
    version = phase === 'ERROR' ? undefined : (object.metadata?.resourceVersion ?? version);
    if (phase === 'ADDED' || phase === 'MODIFIED' || phase === 'DELETED') changed(object, phase === 'DELETED');
  };
  // Silence is no error: the client ends a watch that has been quiet for a while.
  const onEnd = (error: unknown) =>
    !error || (error instanceof Error && error.name === 'TimeoutError') ? resolve(version) : reject(error);
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  const started = new Watch(kubeConfig).watch(path, { resourceVersion, allowWatchBookmarks: true }, onEvent, onEnd);
  started.catch(reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    started.then((controller) => controller.abort()).catch(() => {});
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

function problemOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: unknown; cause?: { message?: string } };
  return [code, message?.split('\n')[0], cause?.message].filter(Boolean).join(': ');
}

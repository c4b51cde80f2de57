/** A list and a watch that never end: client-node's informers stop for good at most errors. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeConfig, Watch } from '@kubernetes/client-node';
import type { Listed } from './list.ts';

export type Log = Record<'info' | 'warn' | 'error', (object: object, message: string) => void>;

/** What every cache is given. */
export type CacheOptions = {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** The cache holds everything: after the first list, and after each later one. */
  readonly onSynced: () => void;
  /** The API server has answered: a list, an event, or a watch that begins. */
  readonly onContact: () => void;
};

export type Source<Raw, Kept> = CacheOptions & {
  /** Its plural name; for the log. */
  readonly resource: string;
  /** Undefined where the API has no such resource. */
  readonly list: () => Promise<Listed<Kept> | undefined>;
  /** How long to wait where it has none. */
  readonly absentMs?: number;
  /** Everything, afresh. */
  readonly replace: (items: readonly Kept[]) => void;
  readonly changed: (item: Raw, deleted: boolean) => void;
};

const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 30_000;

/** Not there, or its history is no longer: both are for the next list to find out. */
const LIST_ANEW: readonly unknown[] = [404, 410];

/** Keeps a cache in step with the API until the signal aborts. What is known stays known while the API does not answer. */
export async function follow<Raw, Kept>(source: Source<Raw, Kept>): Promise<void> {
  const { log, resource, signal } = source;
  let delay = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const started = performance.now();
    try {
      const listed = await source.list();
      source.onContact();
      source.replace(listed?.items ?? []);
      source.onSynced();
      if (!listed) {
        await pause(jittered(source.absentMs ?? LAST_DELAY_MS), signal);
        continue;
      }
      await watchFrom(source, listed);
    } catch (error) {
      if (signal.aborted) return;
      log.warn(
        { resource, problem: problemOf(error), retryInMs: delay },
        'Lost the Kubernetes API; what is known stays',
      );
    }
    // Where lists succeed and watches do not, lists must not follow one another at full speed.
    if (performance.now() - started > 2 * LAST_DELAY_MS) delay = FIRST_DELAY_MS;
    await pause(jittered(delay), signal);
    delay = Math.min(delay * 2, LAST_DELAY_MS);
  }
}

/** Follows changes for as long as the API server continues where the last watch ended; else a new list is needed. */
async function watchFrom<Raw, Kept>(source: Source<Raw, Kept>, { path, resourceVersion }: Listed<Kept>): Promise<void> {
  let version: string | undefined = resourceVersion;
  while (version !== undefined && !source.signal.aborted) {
    version = await watchOnce(source, path, version);
    await pause(FIRST_DELAY_MS, source.signal);
  }
}

type Versioned = { metadata?: { resourceVersion?: string } };

async function watchOnce<Raw, Kept>(
  { kubeConfig, changed, onContact, signal }: Source<Raw, Kept>,
  path: string,
  resourceVersion: string,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  let version: string | undefined = resourceVersion;
  let ended = false;
  const onEvent = (phase: string, object: Raw & Versioned) => {
    onContact();
    version = phase === 'ERROR' ? undefined : (object.metadata?.resourceVersion ?? version);
    if (phase === 'ADDED' || phase === 'MODIFIED' || phase === 'DELETED') changed(object, phase === 'DELETED');
  };
  const onEnd = (error: unknown) => {
    ended = true;
    const { name, statusCode } = (error ?? {}) as { name?: string; statusCode?: unknown };
    if (LIST_ANEW.includes(statusCode)) resolve(undefined);
    // Silence is no error: the client ends a watch that has been quiet for a while.
    else if (!error || name === 'TimeoutError') resolve(version);
    else reject(error);
  };
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  const started = new Watch(kubeConfig).watch(path, { resourceVersion, allowWatchBookmarks: true }, onEvent, onEnd);
  started.then(() => ended || onContact(), reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    started.then((controller) => controller.abort()).catch(() => {});
  }
}

function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

function problemOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: unknown; cause?: { message?: string } };
  return [code, message?.split('\n')[0], cause?.message].filter(Boolean).join(': ');
}

/** A list and a watch that never end: client-node's informers stop for good at most errors. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { describeError, isAnswer } from '../../certs/kubernetes/errors.ts';
import { watch } from '../../certs/kubernetes/watch.ts';
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
  /** What of each object of a watch is wanted; all of it where nothing is said. */
  readonly accept?: string;
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
        { resource, problem: describeError(error), retryInMs: delay },
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

/** Where the next watch can go on; undefined where it can't. */
async function watchOnce<Raw, Kept>(
  source: Source<Raw, Kept>,
  path: string,
  from: string,
): Promise<string | undefined> {
  const { kubeConfig, accept, changed, onContact, signal } = source;
  let version: string | undefined = from;
  const onEvent = (phase: string, object: Raw & Versioned) => {
    onContact();
    version = phase === 'ERROR' ? undefined : (object.metadata?.resourceVersion ?? version);
    if (phase === 'ADDED' || phase === 'MODIFIED' || phase === 'DELETED') changed(object, phase === 'DELETED');
  };
  const query = { resourceVersion: from, allowWatchBookmarks: true };
  try {
    await watch(kubeConfig, { path, query, ...(accept && { accept }), signal, onOpen: onContact, onEvent });
    return version;
  } catch (error) {
    // Not there, or its history is no longer: both are for the next list to find out.
    if (isAnswer(error, 404, 410)) return undefined;
    throw error;
  }
}

function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

/** A list and a watch that never end. The informers of @kubernetes/client-node stop for good at most errors. */
import type { KubeConfig } from '@kubernetes/client-node';
import { backoff, pause } from './backoff.ts';
import { describeError, isAnswer } from './errors.ts';
import type { Listed } from './list.ts';
import { watch } from './watch.ts';

/** The part of a pino logger that is used here. */
export type Log = Record<'info' | 'warn' | 'error', (object: object, message: string) => void>;

/** The options that every cache takes. */
export type CacheOptions = {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called when the cache holds everything: after the first list, and after each later one. */
  readonly onSynced?: () => void;
  /** Called when the API server has answered: a list, an event, or a watch that begins. */
  readonly onContact?: () => void;
};

export type Source<Raw, Kept> = CacheOptions & {
  /** The plural name of the resource, for the log. */
  readonly resource: string;
  /** The part of each object of a watch that is wanted; without it, the API server sends whole objects. */
  readonly accept?: string;
  /** Lists everything. Returns undefined where the API has no such resource. */
  readonly list: () => Promise<Listed<Kept> | undefined>;
  /** Milliseconds to wait where the API has no such resource. */
  readonly absentMs?: number;
  /** Called with everything that a list holds. */
  readonly replace: (items: readonly Kept[]) => void;
  /** Called with each object that was added, modified or deleted. */
  readonly changed: (item: Raw, deleted: boolean) => void;
};

/** After this time without a failure, the next failure counts as the first (milliseconds). */
const CALM_MS = 60_000;

/** So many milliseconds pass between a watch that the API server ended and the next one. */
const BETWEEN_WATCHES_MS = 250;

const ABSENT_MS = 30_000;

/** Keeps a cache in step with the API server until the signal aborts. While the API server does not answer, the cache keeps what it holds. */
export async function follow<Raw, Kept>(source: Source<Raw, Kept>): Promise<void> {
  const { log, resource, signal } = source;
  let rounds = 0;
  while (!signal.aborted) {
    const started = performance.now();
    try {
      const listed = await source.list();
      source.onContact?.();
      source.replace(listed?.items ?? []);
      source.onSynced?.();
      if (!listed) {
        await pause(jittered(source.absentMs ?? ABSENT_MS), signal);
        continue;
      }
      await watchFrom(source, listed);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ resource, problem: describeError(error) }, 'Lost the Kubernetes API; what is known stays');
    }
    // If lists succeed and watches do not, lists must not follow one another at full speed.
    rounds = performance.now() - started > CALM_MS ? 0 : rounds + 1;
    await pause(backoff(rounds), signal);
  }
}

/** Follows changes for as long as the API server continues where the last watch ended. When it returns, a new list is needed. */
async function watchFrom<Raw, Kept>(source: Source<Raw, Kept>, { path, resourceVersion }: Listed<Kept>): Promise<void> {
  let version: string | undefined = resourceVersion;
  while (version !== undefined && !source.signal.aborted) {
    version = await watchOnce(source, path, version);
    await pause(BETWEEN_WATCHES_MS, source.signal);
  }
}

type Versioned = { metadata?: { resourceVersion?: string } };

/** Returns the version from which the next watch can go on; undefined where it can't. */
async function watchOnce<Raw, Kept>(
  source: Source<Raw, Kept>,
  path: string,
  from: string,
): Promise<string | undefined> {
  const { kubeConfig, accept, changed, onContact, signal } = source;
  let version: string | undefined = from;
  const onEvent = (phase: string, object: Raw & Versioned) => {
    onContact?.();
    version = phase === 'ERROR' ? undefined : (object.metadata?.resourceVersion ?? version);
    if (phase === 'ADDED' || phase === 'MODIFIED' || phase === 'DELETED') changed(object, phase === 'DELETED');
  };
  const query = { resourceVersion: from, allowWatchBookmarks: true };
  try {
    await watch(kubeConfig, {
      ...{ path, query, signal, onEvent },
      ...(accept && { accept }),
      ...(onContact && { onOpen: onContact }),
    });
    return version;
  } catch (error) {
    // The resource is not there, or its history is no longer: the next list finds out which.
    if (isAnswer(error, 404, 410)) return undefined;
    throw error;
  }
}

function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

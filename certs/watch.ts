/** Tells that an object changed. What changed is not looked at: who is told reads the object itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { CONFIGURATIONS } from './configuration.ts';
import { describeError } from './kubernetes/errors.ts';
import { watch } from './kubernetes/watch.ts';
import type { Log } from './log.ts';

export type WatchOptions = {
  readonly kubeConfig: KubeConfig;
  /** The collection's path, like `/api/v1/namespaces/x/secrets`. */
  readonly path: string;
  readonly name: string;
  readonly onChange: () => void;
  readonly log: Log;
  readonly signal: AbortSignal;
};

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/**
 * Watches one object until the signal aborts. A watch ends with every error, quiet half minute and closed
 * connection; it is begun again each time, after longer and longer pauses while it fails.
 */
export async function watchObject(options: WatchOptions): Promise<void> {
  const { path, name, log, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const end = await watchOnce(options);
    failures = end.seen || !end.error ? 0 : failures + 1;
    if (failures === 1) {
      log.warn({ path, name, error: describeError(end.error) }, 'A watch failed and is tried again; polling goes on.');
    }
    await sleep(pause(failures), undefined, { signal }).catch(() => undefined);
  }
}

/** Watches one MutatingWebhookConfiguration. */
export function watchConfiguration(options: Omit<WatchOptions, 'path'>): Promise<void> {
  return watchObject({ ...options, path: CONFIGURATIONS });
}

/** Half a second, doubled with each failure up to half a minute; half of it by chance, so that replicas spread. */
export function pause(failures: number): number {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
  return longest / 2 + Math.random() * (longest / 2);
}

type End = { readonly seen: boolean; readonly error: unknown };

async function watchOnce({ kubeConfig, path, name, onChange, signal }: WatchOptions): Promise<End> {
  let seen = false;
  const onEvent = (kind: string) => {
    seen ||= kind !== 'ERROR';
    onChange();
  };
  try {
    await watch(kubeConfig, { path, query: { fieldSelector: `metadata.name=${name}` }, signal, onEvent });
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

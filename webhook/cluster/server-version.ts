/** Reads the version of the API server, which changes under a running webhook when the cluster is upgraded. */
import type { KubeConfig } from '@kubernetes/client-node';
import { isAtLeast, type Version, type VersionAnswer, versionIn } from '../admission/kubernetes-version.ts';
import { type Client, createClient, LIVE_TIMEOUT_MS } from '../kubernetes/client.ts';

/** A version that is too old is read again before a pod is refused for it, but no more often than this (milliseconds). */
const DOUBT_MS = 30_000;

/** A version that is new enough is read again after this time (milliseconds), and no pod waits for that. */
const FRESH_MS = 5 * 60_000;

/**
 * Returns a function that returns the version. The function takes the version that a pod needs, so that one which is too
 * old for it is read again. It throws only while no answer has ever come.
 */
export function serverVersion(
  kubeConfig: KubeConfig,
  now: () => number = () => performance.now(),
): (needed: Version) => Promise<Version> {
  const api = createClient(kubeConfig, LIVE_TIMEOUT_MS);
  let known: Version | undefined;
  let asking: Promise<void> | undefined;
  let askedAt = 0;

  // Whoever asks meanwhile waits for the same answer.
  const ask = (): Promise<void> => {
    askedAt = now();
    asking ??= read(api)
      .then((version) => {
        known = version;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  return async (needed) => {
    if (known === undefined) await ask();
    else if (isAtLeast(known, needed)) {
      if (now() - askedAt > FRESH_MS) ask().catch(() => {});
    } else if (asking || now() - askedAt > DOUBT_MS) await ask().catch(() => {});
    if (known === undefined) throw new Error('the Kubernetes API has not answered with its version');
    return known;
  };
}

async function read(api: Client): Promise<Version> {
  const version = versionIn(await api.get<VersionAnswer>('/version'));
  if (!version) throw new Error('the Kubernetes API answered with a version of an unknown form');
  return version;
}

/** Reads the version of the API server, which changes under a running webhook when the cluster is upgraded. */
import type { KubeConfig, VersionInfo } from '@kubernetes/client-node';
import { type Client, createClient, LIVE_TIMEOUT_MS } from '../kubernetes/client.ts';

export type Version = { readonly major: number; readonly minor: number };

/** A version that is too old is read again before a pod is refused for it, but no more often than this (milliseconds). */
const DOUBT_MS = 30_000;

/** A version that is new enough is read again after this time (milliseconds), and no pod waits for that. */
const FRESH_MS = 5 * 60_000;

/** Returns a function that returns the version. It throws only while no answer has ever come. */
export function serverVersion(kubeConfig: KubeConfig, now: () => number = Date.now): () => Promise<Version> {
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

  return async () => {
    if (known === undefined) await ask();
    else if (deliversEnvFiles(known)) {
      if (now() - askedAt > FRESH_MS) ask().catch(() => {});
    } else if (asking || now() - askedAt > DOUBT_MS) await ask().catch(() => {});
    if (known === undefined) throw new Error('the Kubernetes API has not answered with its version');
    return known;
  };
}

/** Reads the version that the API server behaves like: during an upgrade that may still be taken back, that is the old one. */
async function read(api: Client): Promise<Version> {
  const { major, minor, emulationMajor, emulationMinor, gitVersion } = await api.get<VersionInfo>('/version');
  const version = parseVersion(`${emulationMajor || major}.${emulationMinor || minor}`) ?? parseVersion(gitVersion);
  if (!version) throw new Error('the Kubernetes API answered with a version of an unknown form');
  return version;
}

/** Reads `v1.35.2-eks-1a2b3c`, and `1.35+`, which is what EKS makes of a minor version. Returns undefined for any other text. */
export function parseVersion(text = ''): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Returns whether `fileKeyRef` is on by default (EnvFiles, beta since 1.35). A version that can't be read is too old. */
export function deliversEnvFiles(version: Version | undefined): boolean {
  return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 35));
}

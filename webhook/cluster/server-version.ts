/** The API server's version, which changes under a running webhook when the cluster is upgraded. */
import type { KubeConfig, VersionInfo } from '@kubernetes/client-node';
import { type Client, createClient, LIVE_TIMEOUT_MS } from '../kubernetes/client.ts';

export type Version = { readonly major: number; readonly minor: number };

/** One that is too old is asked again before a pod is refused for it, but no more often than this. */
const DOUBT_MS = 30_000;

/** One that is new enough is asked again without anybody waiting. */
const FRESH_MS = 5 * 60_000;

/** Throws only while the version has never been told. */
export function serverVersion(kubeConfig: KubeConfig, now: () => number = Date.now): () => Promise<Version> {
  const api = createClient(kubeConfig, LIVE_TIMEOUT_MS);
  let known: Version | undefined;
  let asking: Promise<void> | undefined;
  let askedAt = 0;

  // Who asks meanwhile waits for the same answer.
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
    if (known === undefined) throw new Error('the Kubernetes API did not tell its version');
    return known;
  };
}

/** The version that it behaves like, where it says that (while an upgrade may still be taken back). */
async function read(api: Client): Promise<Version> {
  const { major, minor, emulationMajor, emulationMinor, gitVersion } = await api.get<VersionInfo>('/version');
  const version = parseVersion(`${emulationMajor || major}.${emulationMinor || minor}`) ?? parseVersion(gitVersion);
  if (!version) throw new Error('the Kubernetes API told a version that is none');
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

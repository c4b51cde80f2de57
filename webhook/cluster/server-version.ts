/** The API server's version, which changes under a running webhook when the cluster is upgraded. */
import type { KubeConfig, VersionInfo } from '@kubernetes/client-node';
import { type Api, apiOf } from '../../certs/kubernetes/api.ts';
import { LIVE_TIMEOUT_MS } from './timeouts.ts';
import { deliversEnvFiles, parseVersion, type Version } from './version.ts';

/** One that is too old is asked again before a pod is refused for it, but no more often than this. */
const DOUBT_MS = 30_000;

/** One that is new enough is asked again without anybody waiting. */
const FRESH_MS = 5 * 60_000;

/** Throws only while the version has never been told. */
export function serverVersion(kubeConfig: KubeConfig, now: () => number = Date.now): () => Promise<Version> {
  const api = apiOf(kubeConfig, LIVE_TIMEOUT_MS);
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
async function read(api: Api): Promise<Version> {
  const { major, minor, emulationMajor, emulationMinor, gitVersion } = await api.get<VersionInfo>('/version');
  const version = parseVersion(`${emulationMajor || major}.${emulationMinor || minor}`) ?? parseVersion(gitVersion);
  if (!version) throw new Error('the Kubernetes API told a version that is none');
  return version;
}

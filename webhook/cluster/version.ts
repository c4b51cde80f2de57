/** Versions of Kubernetes, and from which one on it delivers variables from files. */

export type Version = { readonly major: number; readonly minor: number };

/** Reads `v1.35.2-eks-1a2b3c`, and `1.35+`, which is what EKS makes of a minor version. */
export function parseVersion(text = ''): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Whether `fileKeyRef` is on by default (EnvFiles, beta since 1.35). A version that can't be read is too old. */
export function deliversEnvFiles(version: Version | undefined): boolean {
  return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 35));
}

/** Reads versions of Kubernetes, and says what a version can do. */

export type Version = { readonly major: number; readonly minor: number };

/** Reads `v1.35.2-eks-1a2b3c`, and `1.35+`, which is what EKS makes of a minor version. Returns undefined for any other text. */
export function parseVersion(text = ''): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Returns whether `fileKeyRef` is on by default (EnvFiles, beta since 1.35). A version that can't be read is too old. */
export function deliversEnvFiles(version: Version | undefined): boolean {
  return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 35));
}

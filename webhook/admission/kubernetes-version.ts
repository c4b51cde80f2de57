/** Reads versions of Kubernetes, and says what a version can do. */

export type Version = { readonly major: number; readonly minor: number };

/**
 * The first version with variables from files by default: `fileKeyRef`, the feature EnvFiles.
 * https://github.com/kubernetes/enhancements/issues/3721
 */
export const ENV_FILES: Version = { major: 1, minor: 35 };

/**
 * The first version with sidecars among the init containers by default: the feature SidecarContainers.
 * https://github.com/kubernetes/enhancements/issues/753
 */
export const SIDECARS: Version = { major: 1, minor: 29 };

/**
 * The first version in which a container can restart its whole pod by default: the feature
 * RestartAllContainersOnContainerExits. https://github.com/kubernetes/enhancements/issues/5532
 */
export const RESTART_ALL_CONTAINERS: Version = { major: 1, minor: 36 };

/** Reads `v1.35.2-eks-1a2b3c`, and `1.35+`, which is what EKS makes of a minor version. Returns undefined for any other text. */
export function parseVersion(text = ''): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** The part of the API server's answer about its version that is read. */
export type VersionAnswer = {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly emulationMajor?: string;
  readonly emulationMinor?: string;
};

/**
 * Returns the version that the API server behaves like: during an upgrade that may still be taken back, that is the old one. Returns
 * undefined for an answer of an unknown form.
 */
export function versionIn(answer: VersionAnswer): Version | undefined {
  const { major, minor, emulationMajor, emulationMinor, gitVersion } = answer;
  return parseVersion(`${emulationMajor || major}.${emulationMinor || minor}`) ?? parseVersion(gitVersion);
}

/** Returns whether the version is the needed one or a newer one. A version that could not be read is too old. */
export function isAtLeast(version: Version | undefined, needed: Version): boolean {
  if (version === undefined) return false;
  return version.major > needed.major || (version.major === needed.major && version.minor >= needed.minor);
}

/** Returns whether variables from files are on by default in this version. A version that could not be read is too old. */
export function deliversEnvFiles(version: Version | undefined): boolean {
  return isAtLeast(version, ENV_FILES);
}

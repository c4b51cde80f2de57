/** The manifest by which krew, the package manager of kubectl's plugins, installs the command line. */
import { stringify } from 'yaml';

/** A platform that the program is compiled for, in the words of Node (and of the archive's name) and of krew. */
type Platform = { readonly name: string; readonly os: string; readonly arch: string };

export const PLATFORMS: readonly Platform[] = [
  { name: 'linux-x64', os: 'linux', arch: 'amd64' },
  { name: 'linux-arm64', os: 'linux', arch: 'arm64' },
  { name: 'darwin-x64', os: 'darwin', arch: 'amd64' },
  { name: 'darwin-arm64', os: 'darwin', arch: 'arm64' },
];

export type Release = {
  readonly version: string;
  /** The owner and the name on GitHub. */
  readonly repository: string;
  /** The SHA-256 of each archive in hexadecimal digits, by the name of the platform. */
  readonly digests: Readonly<Record<string, string>>;
};

/** Returns the name of the archive in the release. */
export function archiveOf(platform: string): string {
  return `kubectl-aws_secrets-${platform}.tar.gz`;
}

/** Returns the manifest as YAML. Throws if a platform has no digest. https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ */
export function krewManifest({ version, repository, digests }: Release): string {
  const platforms = PLATFORMS.map(({ name, os, arch }) => {
    const digest = digests[name];
    if (!/^[0-9a-f]{64}$/.test(digest ?? '')) throw new Error(`${archiveOf(name)} has no digest`);
    return {
      selector: { matchLabels: { os, arch } },
      uri: `https://github.com/${repository}/releases/download/v${version}/${archiveOf(name)}`,
      sha256: digest,
      bin: 'kubectl-aws_secrets',
    };
  });
  return stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'aws-secrets' },
    spec: {
      version: `v${version}`,
      homepage: `https://github.com/${repository}`,
      shortDescription: 'Check and explain AWS secrets in pods',
      description:
        'Checks manifests of pods that aws-secrets-injector gives AWS secrets to, as its webhook would, changes them for clusters without it, and prints the IAM policies that they need.\n',
      platforms,
    },
  });
}

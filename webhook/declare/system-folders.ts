/**
 * Knows the folders of an image and of the kernel that no mount may hide. The container runtime fails then, or the
 * program does, with a message that names neither the annotation nor the folder.
 * https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html
 */

/** Folders that hold what a container needs to start. A folder or file inside them may be mounted. */
const NEEDED: ReadonlySet<string> = new Set([
  ...['/bin', '/boot', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/run', '/run/secrets', '/sbin'],
  ...['/usr', '/usr/bin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local', '/usr/local/bin', '/usr/local/lib'],
  ...['/usr/sbin', '/usr/share', '/var'],
]);

/**
 * Folders that the kernel, the kubelet or the webhook of EKS mounts, and the injector's own. Nothing may be mounted
 * inside them.
 */
const MOUNTED = [
  ...['/dev', '/proc', '/sys', '/run/aws-secrets-injector'],
  ...['/run/secrets/eks.amazonaws.com', '/run/secrets/kubernetes.io', '/run/secrets/pods.eks.amazonaws.com'],
];

/**
 * Returns why nothing can be mounted at the absolute path, as the end of a sentence without the fix; undefined if
 * something can. The path has no `//`, `/./` or `/../`.
 */
export function systemFolderProblem(path: string): string | undefined {
  const folder = withRun(path);
  if (NEEDED.has(folder)) return 'is a system folder, which the mount would hide';
  const mounted = MOUNTED.find((one) => folder === one || folder.startsWith(`${one}/`));
  return mounted === undefined ? undefined : `is in the system folder ${mounted}, where nothing can be mounted`;
}

const VAR_RUN = '/var/run';

/** Returns the path with `/run` for `/var/run`, which is a link to it in most images. */
export function withRun(path: string): string {
  return path === VAR_RUN || path.startsWith(`${VAR_RUN}/`) ? path.slice('/var'.length) : path;
}

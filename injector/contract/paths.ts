/** Paths of files inside a volume. */

/** Linux: NAME_MAX and PATH_MAX, in bytes. */
const NAME_LIMIT = 255;
const PATH_LIMIT = 4096;

/** Why the path can't be a file inside the volume; undefined where it can. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'the path has a NUL';
  if (path.startsWith('/')) return 'the path must be relative';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.')) return 'the path has an empty or . part';
  if (parts.includes('..')) return 'path can not contain ../';
  if (parts.some((part) => Buffer.byteLength(part) > NAME_LIMIT)) return `a name is longer than ${NAME_LIMIT} bytes`;
  return Buffer.byteLength(path) > PATH_LIMIT ? `the path is longer than ${PATH_LIMIT} bytes` : undefined;
}

/** The folders that the file needs, outermost first. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

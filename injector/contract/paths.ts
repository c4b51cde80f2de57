/** Has the rules for paths of files inside a volume. */

/** Limits one name and a whole path, in bytes: Linux's NAME_MAX and PATH_MAX (limits.h). */
const NAME_LIMIT = 255;
const PATH_LIMIT = 4096;

/** Returns why the path can not be a file inside the volume, or undefined if it can. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'the path has a NUL';
  if (path.startsWith('/')) return 'the path must be relative';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.')) return 'the path has an empty or . part';
  if (parts.includes('..')) return 'path can not contain ../';
  if (parts.some((part) => Buffer.byteLength(part) > NAME_LIMIT)) return `a name is longer than ${NAME_LIMIT} bytes`;
  return Buffer.byteLength(path) > PATH_LIMIT ? `the path is longer than ${PATH_LIMIT} bytes` : undefined;
}

/** Returns the folders that the file needs, outermost first. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

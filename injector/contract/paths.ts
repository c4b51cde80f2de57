/** Has the rules for paths of files inside a volume. */

/** One name and a whole path have at most so many bytes: Linux's NAME_MAX and PATH_MAX (limits.h). */
export const NAME_LIMIT = 255;
export const PATH_LIMIT = 4096;

/** Names a reason for which a path can not be a file inside a volume. */
export type PathProblem = 'empty' | 'nul' | 'absolute' | 'empty-part' | 'dot' | 'dots' | 'long-name' | 'long-path';

/** Returns the first reason for which the path can not be a file inside a volume, or undefined if it can. */
export function pathProblem(path: string): PathProblem | undefined {
  if (path === '') return 'empty';
  if (path.includes('\0')) return 'nul';
  if (path.startsWith('/')) return 'absolute';
  if (Buffer.byteLength(path) > PATH_LIMIT) return 'long-path';
  for (const part of path.split('/')) {
    if (part === '') return 'empty-part';
    if (part === '.') return 'dot';
    if (part === '..') return 'dots';
    if (Buffer.byteLength(part) > NAME_LIMIT) return 'long-name';
  }
  return undefined;
}

/** Is a file to write. `isFolder` is true for a folder whose files are not known yet. The directory is a volume. */
export type Target = { readonly directory: string; readonly path: string; readonly isFolder?: boolean };

/** Returns a key that is sorted right before the keys of everything below the path, as no path has a character below NUL. */
export function targetKey({ directory, path, isFolder }: Target): string {
  return `${directory}\0${path.replaceAll('/', '\0')}${isFolder ? '\0' : ''}`;
}

/** Returns the targets that are below a file, each with that file, after one walk along all sorted paths. */
export function filesAbove<Each extends Target>(targets: readonly Each[]): Map<Each, Each> {
  const sorted = targets.map((target) => ({ target, key: targetKey(target) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const found = new Map<Each, Each>();
  let file = { key: '', target: undefined as Each | undefined };
  for (const { target, key } of sorted) {
    if (file.target && key.startsWith(`${file.key}\0`)) found.set(target, file.target);
    else if (!target.isFolder) file = { key, target };
  }
  return found;
}

/**
 * Returns whether the path begins like the names that rotation needs for itself in a volume: the folder of each moment and the
 * link to the current one have two dots, as in the kubelet's volumes.
 */
export function isGenerationName(path: string): boolean {
  return path.startsWith('..');
}

/** Turns names of secrets into names of files, by ASCP's path translation, and checks the paths of files in a volume. */
import { FILES_DIRECTORY } from '../../injector/contract/names.ts';
import { NAME_LIMIT, PATH_LIMIT, type PathProblem, pathProblem } from '../../injector/contract/paths.ts';
import { err, ok, type Result } from './result.ts';
import { systemFolderProblem } from './system-folders.ts';

export type Translation = {
  readonly toPath: (name: string) => string;
  /** The text that replaces `/` in the names of files in folders. */
  readonly slash: string;
};

/** A path may have so many folders with its file. The injector makes them on every start. */
export const MOST_ELEMENTS = 64;

/** Stands for a translation that is wrong, so that the files are checked by their names as they are written. */
export const UNTRANSLATED: Translation = { toPath: (name) => name, slash: '_' };

/** Reads `path-translation`, which ASCP calls `pathTranslation`: one byte that replaces `/`, or `False`, which keeps it. */
export function pathTranslation(text = ''): Result<Translation> {
  if (text.toLowerCase() === 'false') return ok({ toPath: (name) => name.replace(/^\/+/, ''), slash: '/' });
  const replacement = text === '' ? '_' : text;
  if (Buffer.byteLength(replacement) !== 1) {
    return err(
      "pathTranslation must be either 'False' or a single character string; write one ASCII character or False",
    );
  }
  return ok({ toPath: (name) => name.replaceAll('/', () => replacement), slash: replacement });
}

/** Returns whether a translated name leads out of the volume, by ASCP's own test. */
export function climbs(path: string): boolean {
  return path.includes('/../') || path.startsWith('../') || path.endsWith('/..');
}

/** Returns why a path cannot be a file inside the volume, as the end of a sentence with the fix; undefined if it can. */
export function filePathProblem(path: string): string | undefined {
  if (!path.isWellFormed() || /\p{Cc}/u.test(path)) return PROBLEMS.nul;
  const problem = pathProblem(path);
  if (problem !== undefined) return PROBLEMS[problem];
  return path.split('/').length > MOST_ELEMENTS ? `nests more than ${MOST_ELEMENTS} folders; write it flat` : undefined;
}

const PROBLEMS: Record<PathProblem, string> = {
  empty: 'is an empty file name; give it a name',
  nul: 'has a control character in its file name; remove it',
  absolute: 'is an absolute path; write it relative to the mount path',
  'empty-part': 'has an empty path element; remove the extra "/"',
  dot: 'has the path element ".", which names no file; remove it',
  dots: 'has the path element "..", which names no file; remove it',
  'long-name': `has a file name longer than ${NAME_LIMIT} bytes; shorten it`,
  'long-path': `is longer than ${PATH_LIMIT} bytes; shorten it`,
};

/** A file of the annotations: in the mount, or with a directory in the volume of files with absolute paths. */
export type FileTarget = { readonly path: string; readonly directory?: string };

/**
 * Reads a path that may be absolute: the file is then mounted alone at that path. In its volume it has the same path
 * without the first `/`.
 */
export function parseFileTarget(text: string): Result<FileTarget> {
  if (!text.startsWith('/')) {
    const parsed = parseFilePath(text);
    return parsed.ok ? ok({ path: parsed.value }) : parsed;
  }
  const path = text.slice(1);
  if (path.startsWith('/')) return err(PROBLEMS['empty-part']);
  const problem = filePathProblem(path);
  if (problem !== undefined) return err(problem);
  if (path.includes(':')) return err('has a ":", which no path of a mount may have; remove it');
  const folder = systemFolderProblem(text);
  if (folder !== undefined) return err(`${folder}; write another path`);
  return ok({ path, directory: FILES_DIRECTORY });
}

/** Reads the path of a file inside the volume. */
export function parseFilePath(text: string): Result<string> {
  const problem = filePathProblem(text);
  return problem === undefined ? ok(text) : err(problem);
}

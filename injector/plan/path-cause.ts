/** Says why a path can not be a file in the volume. */
import { isGenerationName, NAME_LIMIT, PATH_LIMIT, type PathProblem, pathProblem } from '../contract/paths.ts';

const EMPTY = 'the path has an empty or . part';

/** Has a clause for each problem. The one for `..` is ASCP's. */
const CAUSES: Record<PathProblem, string> = {
  empty: EMPTY,
  nul: 'the path has a NUL',
  absolute: 'the path must be relative',
  'empty-part': EMPTY,
  dot: EMPTY,
  dots: 'path can not contain ../',
  'long-name': `a name is longer than ${NAME_LIMIT} bytes`,
  'long-path': `the path is longer than ${PATH_LIMIT} bytes`,
};

/** Returns why the path can not be a file in the volume, as a clause without a full stop; undefined if it can. */
export function pathCause(path: string): string | undefined {
  const problem = pathProblem(path);
  return problem && CAUSES[problem];
}

/** Returns why the path can not be a file of a volume that is replaced in one moment, as such a clause; undefined if it can. */
export function generationCause(path: string): string | undefined {
  return isGenerationName(path) ? 'with rotation, no name may begin with two dots' : undefined;
}

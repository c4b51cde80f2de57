/** Explains an error of the system that ended the writing of files. */
import type { Failure } from '../errors.ts';
import type { OutputFile } from '../render/output.ts';

/** Notes the path that is being written, and the paths that are new already. */
export type Progress = { path: string; readonly done: string[] };

const NEW_SHOWN = 5;

/** Returns the failure for an error of the system. The files are all that were to be written. */
export function explainWrite(error: unknown, { path, done }: Progress, files: readonly OutputFile[]): Failure {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  if (done.length > 0) return partial(code, { path, done }, files.length);
  const headline = `${path} could not be written, so nothing was.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const size = files.reduce((total, { content }) => total + content.length, 0);
    const cause = `The volume is full (${code}): the files have ${size} bytes, and twice that is needed to replace them at once.`;
    return { code: 'ASI_OUT_NO_SPACE', subject: path, headline, cause };
  }
  return { code: 'ASI_OUT_WRITE', subject: path, headline, cause: `The system says ${code}.` };
}

/** Returns the failure of a rename after others. They can not be undone, because the old files are gone. */
function partial(code: string, { path, done }: Progress, total: number): Failure {
  const more = done.length > NEW_SHOWN ? ` and ${done.length - NEW_SHOWN} more` : '';
  const names = `${done.slice(0, NEW_SHOWN).join(', ')}${more}`;
  const headline = `${path} could not be put in its place, and ${done.length} of ${total} files are new already.`;
  return { code: 'ASI_OUT_PARTIAL', subject: path, headline, cause: `The system says ${code}. New: ${names}.` };
}

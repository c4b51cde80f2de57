/** Makes the folder that the files of a command are in while it runs. */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable that names the folder to the command. A file of the pod is below it at its absolute path. */
export const FOLDER_VARIABLE = 'AWS_SECRETS_INJECTOR_ROOT';

/** The type of a tmpfs in the answer of statfs(2). */
const TMPFS = 0x01021994;

export type PrivateFolder = {
  readonly path: string;
  /** True if nothing of it is ever written to a disk, but for swap. */
  readonly isInMemory: boolean;
  /** Removes the folder with everything in it. The end of the process does so, too. */
  remove(): void;
};

/** Creates an empty folder that only this user may open: in memory if one of the `places` is, on the disk otherwise. */
export function createPrivateFolder(places: readonly (string | undefined)[]): PrivateFolder {
  const place = places.find((path) => path !== undefined && isInMemory(path));
  // mkdtemp gives the mode 0700.
  const path = mkdtempSync(join(place ?? tmpdir(), 'aws-secrets-injector-'));
  const removeFiles = () => rmSync(path, { recursive: true, force: true });
  // The process may end in the middle, as when nobody reads its messages any more.
  process.once('exit', removeFiles);
  const remove = () => {
    removeFiles();
    process.off('exit', removeFiles);
  };
  return { path, isInMemory: place !== undefined, remove };
}

function isInMemory(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statfsSync(path).type === TMPFS;
  } catch {
    return false;
  }
}

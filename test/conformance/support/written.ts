/** Reads what a run has written. */
import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { SECRETS_DIRECTORY } from '../../../injector/contract/names.ts';
import { volumeDirectory } from '../../../webhook/pod/names.ts';
import { VOLUME } from './pod.ts';

export type Written = ReadonlyMap<string, { readonly bytes: Buffer; readonly mode: string }>;

/** Returns the paths, below the root, of all directories that a configuration writes to. */
export function directoriesOf({ directory, objects, environment }: InjectorConfig): string[] {
  const own = objects.flatMap(({ files = [] }) => files.flatMap((file) => file.directory ?? []));
  return [...new Set([directory, ...own, ...(environment ? [environment.directory] : [])])];
}

/**
 * Returns the files by their paths in the volume of the case. The path of a file of another volume begins with the name of the
 * volume's directory and a colon.
 */
export function writtenIn(root: string, config: InjectorConfig): Written {
  const files = directoriesOf(config).flatMap((directory) => {
    const own = directory === SECRETS_DIRECTORY || directory === volumeDirectory(VOLUME);
    const prefix = own ? '' : `${basename(directory)}:`;
    const folder = folderOf(join(root, directory));
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const mode = (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');
        return [prefix + path.slice(folder.length + 1), { bytes: readBytes(path), mode }] as const;
      });
  });
  return new Map(files);
}

/** Returns the folder that has the files: with rotation it is the one that a link in the volume points at. */
function folderOf(volume: string): string {
  const current = join(volume, '..data');
  return existsSync(current) ? realpathSync(current) : volume;
}

/** Reads a file as root would, also one of mode 0000. */
function readBytes(path: string): Buffer {
  const { mode } = statSync(path);
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  chmodSync(path, mode);
  return bytes;
}

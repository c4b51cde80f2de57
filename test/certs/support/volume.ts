/** Makes a folder with a Secret as the kubelet mounts it: links to links to files that never change. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Volume = {
  readonly directory: string;
  /** The Secret has other content: everything changes in one move, and the old files go. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
};

/** Makes an empty volume in this directory. */
export function makeVolume(directory: string): Volume {
  let generation = 0;
  return {
    directory,
    write: async (files) => {
      generation += 1;
      const folder = `..generation-${generation}`;
      await mkdir(join(directory, folder));
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(directory, folder, name), text);
        await symlink(join('..data', name), join(directory, name)).catch(() => undefined);
      }
      await symlink(folder, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
      await rm(join(directory, `..generation-${generation - 1}`), { recursive: true, force: true });
    },
  };
}

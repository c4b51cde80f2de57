/** A folder as `ls -l` shows it, with each file's content: masked unless asked. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Letters and digits become dots; what is left shows the shape of the value, and its length. */
const mask = (text: string): string => text.replaceAll(/[\p{L}\p{N}]/gu, '·');

/** Masks what stands behind the first `=` of each line of an env file, and everything of any other. */
function masked(name: string, content: string): string {
  if (!name.endsWith('.env')) return mask(content);
  return content.replaceAll(/^([^=\n]+=)(.*)$/gm, (_line, start: string, value: string) => start + mask(value));
}

/** Variables as `env` prints them. */
export function environment(variables: ReadonlyMap<string, string>, options: { showValues: boolean }): string[] {
  return [...variables].map(([name, value]) => `${name}=${options.showValues ? value : mask(value)}`);
}

export function listing(directory: string, options: { showValues: boolean }): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path);
    const { mode, size } = statSync(path);
    const content = readFileSync(path, 'utf8');
    const shown = options.showValues ? content : masked(name, content);
    const head = `${(mode & 0o7777).toString(8).padStart(4, '0')}  ${String(size).padStart(5)} B  ${name}`;
    return [
      head,
      ...shown
        .trimEnd()
        .split('\n')
        .map((line) => `                 │ ${line}`),
    ];
  });
}

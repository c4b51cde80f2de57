/** Writes files into the volume of a pod whose root is a folder of a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputFile } from '../../../injector/render/output.ts';
import { Secret } from '../../../injector/secret.ts';
import { type Publication, publishFiles } from '../../../injector/write/publish.ts';

/** Returns a file as the injector makes it. */
export function file(path: string, content = 'new', mode = 0o444, directory = '/volume'): OutputFile {
  return { directory, path, mode, content: new Secret(content) };
}

/** Publishes these files, and returns what changed and what failed. */
export function publish(root: string, files: OutputFile[], more: Partial<Publication> = {}) {
  return publishFiles(root, { directories: ['/volume'], files, variables: [], ...more });
}

/** Returns the text of a file in the volume. */
export function read(root: string, path: string): string {
  return readFileSync(join(root, 'volume', path), 'utf8');
}

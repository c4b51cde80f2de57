/** Finds and reads the files that `-f` names. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Input, UsageError } from '../shell.ts';

/** A file or standard input may have so many bytes. The largest rendered charts have a few megabytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** The bytes of one read from a pipe. Linux has so many in a pipe at most, unless a program asks for more. */
const CHUNK_BYTES = 64 * 1024;

const MANIFEST = /\.(ya?ml|json)$/i;

/** Folders of tools and dependencies hold no manifests of the user's. */
const SKIPPED = /^(\..+|node_modules)$/;

/**
 * Returns the texts that the names stand for, in their order: a file, every manifest below a folder, or standard input for `-`.
 * Throws a `UsageError` that names what can not be read.
 */
export function inputsOf(names: readonly string[]): readonly Input[] {
  return names.flatMap((name) => (name === '-' ? [standardInput()] : filesAt(name).map(fileInput)));
}

/** Writes a file. Throws a `UsageError` that names it if that fails. */
export function writeText(path: string, text: string): void {
  orUsageError(path, () => writeFileSync(path, text), 'written');
}

/** Reads a whole text file. Throws a `UsageError` that names it if that fails. */
function readText(path: string): string {
  checkSize(path, statsOf(path).size);
  return textOf(
    path,
    orUsageError(path, () => readFileSync(path)),
  );
}

/** Reads a stream, such as a pipe, to its end, and no more of it than a file may have. */
function readStream(name: string, descriptor: number): string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const count = readSync(descriptor, chunk);
    if (count === 0) return textOf(name, Buffer.concat(chunks));
    bytes += count;
    checkSize(name, bytes);
    chunks.push(chunk.subarray(0, count));
  }
}

/** Decodes a text. Another encoding would be written back with its letters lost. */
function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not UTF-8, as manifests are; save it in that encoding.`);
  }
}

function filesAt(path: string): string[] {
  if (!statsOf(path).isDirectory()) return [path];
  const found: string[] = [];
  for (const entry of orUsageError(path, () => readdirSync(path, { withFileTypes: true })).sort(byName)) {
    const inside = join(path, entry.name);
    if (entry.isDirectory() && !SKIPPED.test(entry.name)) found.push(...filesAt(inside));
    else if (entry.isFile() && MANIFEST.test(entry.name)) found.push(inside);
  }
  return found;
}

/** A file is read anew each time, so that it is not kept in memory. A pipe, as `<(helm template)` is one, has its text once. */
function fileInput(path: string): Input {
  if (statsOf(path).isFile()) return { name: path, read: () => readText(path) };
  const text = orUsageError(path, () => {
    const descriptor = openSync(path, 'r');
    try {
      return readStream(path, descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
  return { name: path, read: () => text };
}

function standardInput(): Input {
  const text = orUsageError('standard input', () => readStream('standard input', 0));
  return { name: '-', read: () => text };
}

function checkSize(path: string, bytes: number): void {
  if (bytes > MOST_BYTES) throw new UsageError(`${path} has more than ${MOST_BYTES / 2 ** 20} MiB; split it.`);
}

function statsOf(path: string): Stats {
  return orUsageError(path, () => statSync(path));
}

function orUsageError<T>(path: string, read: () => T, what = 'read'): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file or folder' : code;
    throw new UsageError(`${path} can not be ${what}: ${why}.`);
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

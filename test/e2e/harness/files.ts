import { MOUNT } from './pods.ts';
import { run } from './run.ts';
import type { World } from './world.ts';

export type Target = { namespace: string; pod: string; container: string };

/**
 * Returns the bytes of a file as the container reads them, by exec and not from a log, because the logs are searched for
 * secrets.
 */
export async function read(world: World, target: Target, path: string): Promise<Buffer> {
  const script = `base64 '${path.startsWith('/') ? path : `${MOUNT}/${path}`}'`;
  return Buffer.from(await world.kubectl.sh(target.namespace, target.pod, target.container, script), 'base64');
}

/** Files below the mount with their modes: `{ 'db.json': '644' }`. */
export async function modes(world: World, target: Target, mount = MOUNT): Promise<Record<string, string>> {
  const script = `cd '${mount}' && find . -type f -exec stat -c '%n %a' {} +`;
  const lines = (await world.kubectl.sh(target.namespace, target.pod, target.container, script)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.slice(2).split(' ') as [string, string]));
}

/** Returns what a shell script in the container prints. */
export function sh(world: World, target: Target, script: string): Promise<string> {
  return world.kubectl.sh(target.namespace, target.pod, target.container, script);
}

/** Ends a container's first process. The exit code tells nothing: the container may take the shell that asked with it. */
export async function end(world: World, { namespace, pod, container }: Target): Promise<void> {
  await run(world.kubectl.program, ['exec', pod, '-n', namespace, '-c', container, '--', 'sh', '-c', 'kill 1']);
}

/** The variables of a container, as `kubectl exec -- env` shows them. */
export async function variables(world: World, { namespace, pod, container }: Target): Promise<Record<string, string>> {
  const text = await world.kubectl.run(['exec', pod, '-n', namespace, '-c', container, '--', 'env', '-0']);
  return parseVariables(text);
}

/** Reads what `env -0` and /proc/PID/environ hold. */
export function parseVariables(text: string): Record<string, string> {
  const entries = text.split('\0').filter((entry) => entry !== '');
  return Object.fromEntries(entries.map((entry) => [entry.split('=', 1)[0], entry.slice(entry.indexOf('=') + 1)]));
}

/** Returns the kernel's line on the mount: device, path, type, options. */
export async function mountLine(
  world: World,
  target: Target,
  mount = MOUNT,
): Promise<{ type: string; options: string[] }> {
  const line = await sh(world, target, `grep ' ${mount} ' /proc/mounts`);
  const [, , type = '', options = ''] = line.split(' ');
  return { type, options: options.split(',') };
}

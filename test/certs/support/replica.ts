/** Starts a replica of the certificate loop, waits for it, and changes the Secret behind its back. */
import type { Test } from 'tap';
import { SECRETS, until } from '../../kubernetes/api-server.ts';
import { makeWorld, NAMES, SECRET_PATH, type World } from './world.ts';

/** Returns a world with one replica, when that serves. */
export async function makeServing(test: Test) {
  const world = await makeWorld(test);
  const replica = world.start();
  await until(() => replica.served.length > 0);
  return { world, replica };
}

/** Waits until the replicas have looked so many times more. */
export async function looks(world: World, count: number): Promise<void> {
  const reads = () => world.server.calls.filter(({ path }) => path === SECRET_PATH).length;
  const before = reads();
  await until(() => reads() >= before + count);
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Writes these data keys of the Secret, as somebody else would; undefined takes the key out. */
export function tamper(world: World, data: Record<string, string | undefined>): void {
  const secret = world.server.get(SECRETS, NAMES.secretName);
  if (!secret) throw new Error('no Secret to tamper with');
  const changed = { ...secret.data };
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) delete changed[key];
    else changed[key] = base64(value);
  }
  world.server.put(SECRETS, { ...secret, data: changed });
}

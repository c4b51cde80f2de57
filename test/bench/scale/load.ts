/** Creates many objects at an API server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../webhook/kubernetes/client.ts';
import type { Item } from './objects.ts';

const AT_ONCE = 32;

/** Creates all objects, 32 at once. Throws if one is refused. */
export async function createAll(client: Client, items: readonly Item[]): Promise<void> {
  const queue = items.values();
  const work = async () => {
    for (const { list, body } of queue) await client.create(list, body);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Creates this many objects in each second, without waiting for the answers, and returns when all are created. Throws if one is refused. */
export async function createEvenly(client: Client, items: readonly Item[], perSecond: number): Promise<void> {
  const began = performance.now();
  const answers: Promise<unknown>[] = [];
  for (const [index, { list, body }] of items.entries()) {
    await sleep(Math.max(0, began + (index * 1000) / perSecond - performance.now()));
    answers.push(client.create(list, body));
  }
  await Promise.all(answers);
}

/** The sum of what bounds the webhook's memory, against the limit that its container has. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { THREAD_MEMORY } from '../../webhook/server/large/reviews.ts';
import { ADMISSION_LIMITS } from '../../webhook/server/overload.ts';
import { optionsIn } from '../webhook/support/image.ts';
import { container, render } from './support/render.ts';

/** MiB of Node.js itself, its code and its connections: what an idle webhook has beside its heaps, and a fifth more. */
const RUNTIME = 70;

/** MiB by which Node.js lets the heap of a thread grow beyond its limit while it ends it. */
const LAST = 16;

/** Prints the limits of the heaps of the main thread and of the thread of large reviews in MiB, as V8 has them. */
const HEAPS = `
  import { getHeapStatistics } from 'node:v8';
  import { startWorker, THREAD_MEMORY } from '${new URL('../../webhook/server/large/reviews.ts', import.meta.url)}';
  const worker = startWorker({ settings: {}, known: [] }, THREAD_MEMORY);
  worker.once('online', async () => {
    const heaps = [getHeapStatistics(), await worker.getHeapStatistics()];
    console.log(JSON.stringify(heaps.map(({ heap_size_limit }) => heap_size_limit / 2 ** 20)));
    process.exit();
  });
`;

/** Returns the limits of both heaps in a container with so many MiB, by the options of the image's command. */
function heapsIn(limit: number): number[] {
  const args = [...optionsIn(limit), '--input-type=module', '--eval', HEAPS];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }));
}

t.test('all that the webhook may hold at once fits into the memory limit of its container', async (t) => {
  const { resources } = container(await render());
  const limit = Number.parseInt(String(resources?.limits?.['memory']), 10);
  const [heap = Number.NaN, thread = Number.NaN] = heapsIn(limit);
  const { smallBodies, largeBodies, answers } = ADMISSION_LIMITS;
  const sent = (smallBodies + largeBodies + answers) / 2 ** 20;
  const sum = heap + thread + LAST + sent + RUNTIME;
  t.ok(sum < limit, `${heap} + ${thread} + ${LAST} + ${sent} + ${RUNTIME} < ${limit}`);
  t.equal(thread, THREAD_MEMORY.maxOldGenerationSizeMb + THREAD_MEMORY.maxYoungGenerationSizeMb);
});

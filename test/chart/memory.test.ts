/** The sum of what bounds the webhook's memory, against the limit that its container has. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { THREAD_MEMORY } from '../../webhook/server/large/reviews.ts';
import { ADMISSION_LIMITS } from '../../webhook/server/overload.ts';
import { container, render } from './support/render.ts';

/** MiB of Node.js itself, its code and its connections: what an idle webhook has beside its heaps, and a fifth more. */
const RUNTIME = 70;

/** MiB by which Node.js lets the heap of a thread grow beyond its limit while it ends it. */
const LAST = 16;

/** V8's young generation has so many times the size of its semi-space at most. */
const SEMI_SPACES = 3;

/** Returns the number in an option of the image's command. */
function optionOf(name: string): number {
  const command = /^CMD .*$/m.exec(readFileSync('Dockerfile.webhook', 'utf8'))?.[0] ?? '';
  return Number(new RegExp(`"--${name}=(\\d+)"`).exec(command)?.[1]);
}

t.test('all that the webhook may hold at once fits into the memory limit of its container', async (t) => {
  const { resources } = container(await render());
  const { memory } = resources?.limits ?? {};
  const limit = Number.parseInt(String(memory), 10);
  const heap =
    (limit * optionOf('max-old-space-size-percentage')) / 100 + SEMI_SPACES * optionOf('max-semi-space-size');
  const thread = THREAD_MEMORY.maxOldGenerationSizeMb + THREAD_MEMORY.maxYoungGenerationSizeMb + LAST;
  const { smallBodies, largeBodies, answers } = ADMISSION_LIMITS;
  const sent = (smallBodies + largeBodies + answers) / 2 ** 20;
  t.ok(heap + thread + sent + RUNTIME < limit, `${heap} + ${thread} + ${sent} + ${RUNTIME} < ${limit}`);
});

/** Makes attacks of many whole reviews at once, which are small to send and large as objects: the worst for both heaps of a webhook. */
import { connectionAttacks } from './connections.ts';
import { hostileReview, many } from './review.ts';
import { type Attack, post, type Reply } from './target.ts';

/** The API server of the bench is slow to say that there is no class of such a name, so that the reviews stay in memory. */
const SLOW = 'slow-';

/** The largest small review, in bytes. */
const SMALL = 128 * 2 ** 10;

/** Has a key that lets JSON.parse ask about each value, for which V8 keeps all of them twice. */
const keys = (count: number, letter: string) =>
  `{"__proto__":1,${many(count, (index) => `"${letter}${index.toString().padStart(8, '0')}":0.${index}`)}}`;
const empty = (bytes: number) => `[${Array(Math.floor(bytes / 3)).fill('{}')}]`;

function reviewWith(filling: string, name: string): string {
  const annotations = { 'secret-provider-class': `${SLOW}${name}` };
  return hostileReview({ annotations, spec: { other: 'HERE' } }).replace('"HERE"', () => filling);
}

/** Returns an attack of so many clients, each of which sends a review again and again. */
function atOnce(name: string, count: number, make: (client: number) => string): Attack {
  return {
    name,
    once: (target) => post(target, make(0)),
    async strike(target, seconds) {
      const end = performance.now() + seconds * 1000;
      const replies: Reply[] = [];
      await Promise.all(
        many(count, async (client) => {
          const review = make(client);
          while (performance.now() < end) replies.push(await post(target, review));
        }),
      );
      return replies.reduce((slowest, reply) => (reply.ms > slowest.ms ? reply : slowest));
    },
  };
}

function allOf(name: string, attacks: readonly Attack[]): Attack {
  return {
    name,
    async strike(target, seconds) {
      await Promise.all(attacks.map((attack) => attack.strike(target, seconds)));
      return undefined;
    },
  };
}

/** Returns the attacks, of which the last is all of them, beside bodies without an end and answers that nobody reads. */
export function attacksTogether(): Attack[] {
  const attacks = [
    atOnce('8 reviews of 4 MiB and 199,000 keys at once', 8, (client) =>
      reviewWith(keys(199_000, String.fromCharCode(97 + client)), `keys-${client}`),
    ),
    atOnce('64 reviews of 129 KiB of empty objects at once', 64, (client) =>
      reviewWith(empty(SMALL), `large-${client}`),
    ),
    atOnce('100 reviews of 128 KiB of empty objects at once', 100, (client) =>
      reviewWith(empty(SMALL - 2 ** 13), `small-${client}`),
    ),
  ];
  const others = connectionAttacks().filter(({ name }) => /^60 unfinished bodies .* mutate|^40 .* reviews/.test(name));
  return [
    ...attacks,
    allOf('all of these at once, bodies without an end, and answers unread', [...attacks, ...others]),
  ];
}

/** Tests what stays known of a search that does not find everything any more. */
import t from 'tap';
import type { ConfigSearch } from '../../../injector/contract/config.ts';
import { join, type Known } from '../../../injector/rotation/change.ts';
import { Secret } from '../../../injector/secret.ts';
import { CONFIG } from '../support/config.ts';

const SEARCH: ConfigSearch = { service: 'ssm', path: '/app', folders: [{ path: '', mode: '0444', slash: '_' }] };

/** A search of parameters may find 4 MiB, names included. */
const MOST = 4 * 2 ** 20;

function known(entries: Readonly<Record<string, number>>): Known {
  const values = Object.entries(entries).map(([key, length]) => [key, new Secret('x'.repeat(length))] as const);
  return { values: new Map(), absent: new Map(), found: new Map([[0, new Map(values)]]) };
}

function keysAfter(before: Known, now: Known) {
  const config = { ...CONFIG, searches: [SEARCH] };
  const { known: after, failures } = join(config, before, { ...now, failures: [], requests: new Map() });
  return { keys: [...(after.found.get(0)?.keys() ?? [])].sort(), lost: failures.map(({ subject }) => subject) };
}

t.test(
  'what a search does not find any more keeps its value, as far as both are no more than a search may find',
  (t) => {
    const now = known({ b: MOST / 2 });
    t.strictSame(keysAfter(known({ a: MOST / 2 - 2, b: 1 }), now), { keys: ['a', 'b'], lost: ['/app/a'] });
    t.strictSame(keysAfter(known({ a: MOST / 2 - 1, b: 1 }), now), { keys: ['b'], lost: [] });
    t.end();
  },
);

t.test('a search that could not be made keeps all that it found', (t) => {
  const nothing = { ...known({}), found: new Map() };
  t.strictSame(keysAfter(known({ a: 1, b: 1 }), nothing), { keys: ['a', 'b'], lost: [] });
  t.end();
});

t.test('a search that was never made has no entries, and is not complete', (t) => {
  const config = { ...CONFIG, searches: [{ ...SEARCH, folders: [] }] };
  const nothing = { values: new Map(), absent: new Map(), found: new Map(), failures: [], requests: new Map() };
  const { known: after, complete } = join(config, undefined, nothing);
  t.equal(after.found.size, 0);
  t.notOk(complete);
  t.end();
});

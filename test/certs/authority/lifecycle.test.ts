import t from 'tap';
import { carryOut } from '../../../certs/authority/carry-out.ts';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import {
  isServable,
  lifecycle,
  POLICY,
  type State,
  type Step,
  wantedBundle,
} from '../../../certs/authority/lifecycle.ts';
import { NOTHING, type Stored } from '../../../certs/authority/stored.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMES = ['hook.injector.svc'];

function after(milliseconds: number): Date {
  return new Date(NOW.getTime() + milliseconds);
}

const authority = await issueAuthority(NOW, POLICY);
const other = await issueAuthority(NOW, POLICY);
const leaf = await issueLeaf(NOW, authority, NAMES, POLICY);
const next = { ...(await issueAuthority(NOW, POLICY)), published: NOW };
const nextUnpublished = { ...next, published: undefined };
const retired = { certs: other.cert, until: after(DAY) };

const SETTLED: Stored = { leaf, authority, next: undefined, retired: undefined };
const HELD = [authority.cert, authority.cert];
const BOTH = [authority.cert + next.cert, next.cert + authority.cert];

/** Has what is stored, what the caBundles hold, the time, and the step that is due. */
type Row = {
  stored?: Partial<Stored> | null;
  bundles?: string[] | null;
  at?: number;
  names?: string[];
  step: Step['kind'];
};

const TABLE: Record<string, Row> = {
  'no Secret': { stored: null, bundles: ['', ''], step: 'blocked' },
  'an empty Secret': { stored: NOTHING, bundles: ['', ''], step: 'found-authority' },
  'an empty Secret and no webhook configuration': { stored: NOTHING, bundles: null, step: 'found-authority' },
  'no readable CA': { stored: { authority: undefined }, step: 'found-authority' },
  'everything expired': { at: 4 * 365 * DAY, step: 'found-authority' },
  'a clock that was far ahead when the CA was made': { at: -DAY, step: 'found-authority' },
  'a CA that no caBundle holds': { stored: { leaf: undefined }, bundles: ['', ''], step: 'publish' },
  'a CA that one webhook lacks': { stored: { leaf: undefined }, bundles: [authority.cert, ''], step: 'publish' },
  'a published CA and no leaf': { stored: { leaf: undefined }, step: 'issue-leaf' },
  'a CA and no webhook configuration': { stored: { leaf: undefined }, bundles: null, step: 'blocked' },
  'all in order': { step: 'wait' },
  'all in order, but no webhook configuration': { bundles: null, step: 'wait' },
  'a caBundle emptied': { bundles: [authority.cert, ''], step: 'publish' },
  'a CA of others in a caBundle': { bundles: [authority.cert, authority.cert + other.cert], step: 'publish' },
  'a leaf before two thirds of its life, less a thirtieth': { at: 56.9 * DAY, step: 'wait' },
  'a leaf after two thirds of its life': { at: 60 * DAY, step: 'issue-leaf' },
  'a leaf due without a webhook configuration': { at: 60 * DAY, bundles: null, step: 'issue-leaf' },
  'an expired leaf': { at: 91 * DAY, step: 'issue-leaf' },
  'other names': { names: ['other.injector.svc'], step: 'issue-leaf' },
  'one name more': { names: [...NAMES, 'other.injector.svc'], step: 'issue-leaf' },
  'a leaf of another CA': {
    stored: { leaf: await issueLeaf(NOW, other, NAMES, POLICY) },
    step: 'issue-leaf',
  },
  'a CA after two thirds of its life': {
    stored: { leaf: await issueLeaf(after(2 * 365 * DAY - DAY), authority, NAMES, POLICY) },
    at: 2 * 365 * DAY,
    step: 'add-next-authority',
  },
  'a CA without its key and a good leaf': {
    stored: { authority: { ...authority, key: undefined } },
    step: 'add-next-authority',
  },
  'a CA without its key and no leaf': {
    stored: { authority: { ...authority, key: undefined }, leaf: undefined },
    step: 'add-next-authority',
  },
  'a next CA that is not published': { stored: { next: nextUnpublished }, step: 'publish' },
  'a next CA that was just published': { stored: { next: nextUnpublished }, bundles: BOTH, step: 'note-published' },
  'a next CA published for nine minutes': { stored: { next }, bundles: BOTH, at: 9 * MINUTE, step: 'wait' },
  'a next CA published for ten minutes': {
    stored: { next },
    bundles: BOTH,
    at: 10 * MINUTE,
    step: 'promote-next-authority',
  },
  'a next CA taken out of a caBundle meanwhile': {
    stored: { next },
    bundles: [authority.cert, next.cert],
    at: 10 * MINUTE,
    step: 'note-published',
  },
  'a next CA published in the future: the clock went back': {
    stored: { next },
    bundles: BOTH,
    at: -MINUTE,
    step: 'note-published',
  },
  'a next CA, and the webhook configuration gone': { stored: { next }, bundles: null, at: 20 * MINUTE, step: 'wait' },
  'a next CA that expired': {
    stored: { next: { ...next, ...(await issueAuthority(after(-4 * 365 * DAY), POLICY)) } },
    step: 'drop-next-authority',
  },
  'no leaf while a next CA waits: the present CA signs': {
    stored: { next, leaf: undefined },
    bundles: BOTH,
    step: 'issue-leaf',
  },
  'no leaf and no CA key while a next CA waits: nothing is served, so it waits no more': {
    stored: { next, leaf: undefined, authority: { ...authority, key: undefined } },
    bundles: BOTH,
    step: 'promote-next-authority',
  },
  'a retired CA': { stored: { retired }, bundles: HELD.map((authorities) => authorities + other.cert), step: 'wait' },
  'a retired CA that a caBundle lacks': { stored: { retired }, step: 'publish' },
  'a retired CA after its last leaf': { stored: { retired }, at: DAY, step: 'drop-retired' },
};

for (const [what, row] of Object.entries(TABLE)) {
  t.test(`${what}: ${row.step}`, (t) => {
    const state: State = {
      stored: row.stored === null ? undefined : { ...SETTLED, ...row.stored },
      bundles: row.bundles === null ? undefined : (row.bundles ?? HELD),
      names: row.names ?? NAMES,
    };
    t.equal(lifecycle(after(row.at ?? 0), state, POLICY).kind, row.step);
    t.end();
  });
}

t.test('the wait ends when the next thing is due, and within a day', (t) => {
  const waits = (stored: Stored, bundles: string[], at: number) =>
    lifecycle(after(at), { stored, bundles, names: NAMES }, POLICY);
  t.same(waits({ ...SETTLED, next }, BOTH, MINUTE), { kind: 'wait', until: after(10 * MINUTE) });
  t.same(waits(SETTLED, HELD, 0), { kind: 'wait', until: after(DAY) });
  t.end();
});

t.test(
  'each leaf is due at a moment of its own, between three days before two thirds of its life and then',
  async (t) => {
    const HOUR = 60 * MINUTE;
    const dueHours = [];
    for (let made = 0; made < 8; made++) {
      const stored = { ...SETTLED, leaf: await issueLeaf(NOW, authority, NAMES, POLICY) };
      const step = (hour: number) => lifecycle(after(hour * HOUR), { stored, bundles: HELD, names: NAMES }, POLICY);
      let hour = 56 * 24;
      while (step(hour).kind === 'wait') hour += 1;
      const before = step(hour - 1);
      t.ok(before.kind === 'wait' && before.until > after((hour - 1) * HOUR) && before.until <= after(hour * HOUR));
      dueHours.push(hour);
    }
    t.ok(dueHours.every((hour) => hour > 56 * 24 && hour <= 60 * 24));
    t.ok(new Set(dueHours).size > 1);
  },
);

t.test('a leaf at the end of its CA is not issued again and again', async (t) => {
  const late = after(POLICY.authorityLifetime - 20 * MINUTE);
  const short = await issueLeaf(late, authority, NAMES, POLICY);
  const stored = { ...SETTLED, leaf: short, next: { ...(await issueAuthority(late, POLICY)), published: late } };
  const bundles = [wantedBundle(late, stored)];
  t.equal(lifecycle(late, { stored, bundles, names: NAMES }, POLICY).kind, 'wait');
});

t.test('a leaf is servable only while it is good and every caBundle holds its CA', (t) => {
  const state = { stored: SETTLED, bundles: HELD, names: NAMES };
  t.ok(isServable(NOW, state));
  t.notOk(isServable(NOW, { ...state, bundles: [authority.cert, ''] }));
  t.notOk(isServable(NOW, { ...state, bundles: undefined }));
  t.notOk(isServable(NOW, { ...state, names: ['other'] }));
  t.notOk(isServable(after(91 * DAY), state));
  t.notOk(isServable(NOW, { ...state, stored: { ...SETTLED, leaf: undefined } }));
  t.end();
});

t.test('the CA that is followed is trusted until the end of its last leaf, and its key is gone', async (t) => {
  const state = { stored: { ...SETTLED, next }, bundles: BOTH, names: NAMES };
  const stored = await carryOut({ kind: 'promote-next-authority' }, after(10 * MINUTE), state, POLICY);
  t.same(stored.retired?.until, after(POLICY.leafLifetime));
  t.ok(stored.retired?.certs.includes(authority.cert.trim()));
  t.equal(stored.authority?.cert, next.cert);
  t.notOk(JSON.stringify(stored).includes(JSON.stringify(authority.key).slice(1, -1)));
});

t.test('the retired CAs are trusted until the last of their leaves ends', async (t) => {
  const later = { certs: other.cert, until: after(POLICY.leafLifetime + DAY) };
  const state = { stored: { ...SETTLED, next, retired: later }, bundles: BOTH, names: NAMES };
  const stored = await carryOut({ kind: 'promote-next-authority' }, NOW, state, POLICY);
  t.same(stored.retired?.until, later.until);
  for (const { cert } of [authority, other]) t.ok(stored.retired?.certs.includes(cert.trim()));
});

t.test('a CA whose leaf was lost is trusted for the life of a leaf, as it may have signed one', async (t) => {
  const state = { stored: { ...SETTLED, leaf: undefined, next }, bundles: BOTH, names: NAMES };
  const stored = await carryOut({ kind: 'promote-next-authority' }, after(DAY), state, POLICY);
  t.same(stored.retired?.until, after(DAY + POLICY.leafLifetime));
});

t.test(
  'a following CA that expired is dropped, and the CAs that are no longer trusted, and all else stays',
  async (t) => {
    const stored = { ...SETTLED, next, retired };
    const state = { stored, bundles: BOTH, names: NAMES };
    t.strictSame(await carryOut({ kind: 'drop-next-authority' }, NOW, state, POLICY), { ...stored, next: undefined });
    t.strictSame(await carryOut({ kind: 'drop-retired' }, NOW, state, POLICY), { ...stored, retired: undefined });
  },
);

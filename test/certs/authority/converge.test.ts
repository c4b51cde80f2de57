/** Tests the steps of the certificates' life on a cluster in memory and a clock of the test. */
import t from 'tap';
import { carryOut } from '../../../certs/authority/carry-out.ts';
import { converge } from '../../../certs/authority/converge.ts';
import { isServable, POLICY } from '../../../certs/authority/lifecycle.ts';
import { type Observed, observe } from '../../../certs/authority/state.ts';
import { NOTHING } from '../../../certs/authority/stored.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { memoryCluster, memoryLog, NAMES } from '../support/memory.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = new Date('2026-11-21T12:00:00Z');

function makeLife() {
  const world = memoryCluster();
  const { log, lines } = memoryLog();
  const life = { now: START, observed: undefined as Observed | undefined };
  const pass = async (later = 0) => {
    life.now = new Date(life.now.getTime() + later);
    lines.length = 0;
    const outcome = await converge({
      observe: () => observe(world.cluster, NAMES),
      now: () => life.now,
      policy: POLICY,
      log,
      onObserved: (observed) => {
        life.observed = observed;
      },
    });
    return { outcome, steps: lines.map(([level, object, message]) => [level, object, message]) };
  };
  return { world, life, pass };
}

const step = (name: string, message: string) => ['info', { step: name }, message];
const FOUND = step('found-authority', 'Made a new CA.');
const PUBLISH = step('publish', 'Wrote the CAs into the caBundle of every webhook.');
const LEAF = step('issue-leaf', 'Issued a server certificate.');
const NEXT = step('add-next-authority', 'Made the CA that follows the present one.');
const NOTE = step('note-published', 'Noted since when the following CA is published.');

t.test('each step of a whole life is logged in its words', async (t) => {
  const { world, life, pass } = makeLife();
  const first = await pass();
  t.strictSame(first.steps, [FOUND, PUBLISH, LEAF]);
  t.match(first.outcome, { kind: 'done', until: new Date(START.getTime() + DAY) });
  t.ok(life.observed && isServable(START, life.observed));
  t.strictSame((await pass(DAY)).steps, []);
  t.strictSame((await pass(69 * DAY)).steps, [LEAF], 'two thirds of 90 days');
  t.strictSame((await pass(660 * DAY)).steps, [LEAF, NEXT, PUBLISH, NOTE], 'two thirds of three years');
  t.equal(splitBundle(world.bundles?.[0] ?? '').length, 2);
  t.strictSame((await pass(9 * MINUTE)).steps, []);
  const promote = step('promote-next-authority', 'The following CA took over and signed its first certificate.');
  t.strictSame((await pass(MINUTE)).steps, [promote]);
  const drop = step('drop-retired', 'Dropped the retired CAs: no certificate of theirs is valid any more.');
  t.strictSame((await pass(90 * DAY)).steps, [drop, PUBLISH, LEAF]);
  t.equal(splitBundle(world.bundles?.[0] ?? '').length, 1);
});

t.test('a following CA that ended before it took over is dropped in these words', async (t) => {
  const { world, life, pass } = makeLife();
  await pass();
  await pass(730 * DAY);
  const { 'next-ca.crt': crt = '', 'next-ca.key': key = '', ...rest } = world.secret ?? {};
  t.ok(crt);
  const { authority } = life.observed?.stored ?? NOTHING;
  const fresh = await carryOut(
    { kind: 'found-authority' },
    new Date(START.getTime() + 2000 * DAY),
    stateless(),
    POLICY,
  );
  world.secret = {
    ...rest,
    'next-ca.crt': crt,
    'next-ca.key': key,
    'ca.crt': fresh.authority?.cert ?? '',
    'ca.key': fresh.authority?.key ?? '',
    'tls.crt': '',
    'tls.key': '',
  };
  t.ok(authority);
  const { steps } = await pass(1270 * DAY);
  t.strictSame(steps[0], step('drop-next-authority', 'Dropped the following CA, which had expired.'));
});

function stateless() {
  return { stored: undefined, bundles: undefined, names: [] };
}

t.test('without a Secret or a configuration nothing is written', async (t) => {
  const { world, pass } = makeLife();
  world.secret = undefined;
  t.strictSame((await pass()).outcome, { kind: 'blocked' });
  world.secret = {};
  world.bundles = undefined;
  t.strictSame((await pass()).steps, [FOUND]);
  t.strictSame((await pass()).outcome, { kind: 'blocked' });
});

t.test('a pass ends after forty lost races, with a message that says so', async (t) => {
  const { world, pass } = makeLife();
  t.intercept(Math, 'random', { value: () => 0 });
  world.isRacing = true;
  const message = 'others changed the Secret or the webhook configuration first, 40 times in a row';
  await t.rejects(pass(), { message });
  t.equal(world.calls.filter((call) => call === 'write injector/injector-tls').length, 40);
});

t.test('a CA without its key signs nothing', async (t) => {
  const founded = await carryOut({ kind: 'found-authority' }, START, stateless(), POLICY);
  t.strictSame({ ...founded, authority: undefined }, NOTHING, 'a first CA replaces nobody');
  const stored = { ...founded, authority: { cert: founded.authority?.cert ?? '', key: undefined } };
  const state = { stored, bundles: [], names: ['hook.injector.svc'] };
  const message = 'the CA has no private key to sign with';
  await t.rejects(carryOut({ kind: 'issue-leaf' }, START, state, POLICY), { message });
  await t.rejects(carryOut({ kind: 'promote-next-authority' }, START, state, POLICY), { message });
});

t.test('when all begins anew, the current CAs of ours stay trusted for as long as a leaf lives', async (t) => {
  const old = await carryOut({ kind: 'found-authority' }, START, stateless(), POLICY);
  const other = await carryOut({ kind: 'found-authority' }, START, stateless(), POLICY);
  const third = await carryOut({ kind: 'add-next-authority' }, START, { ...stateless(), stored: old }, POLICY);
  const ended = await carryOut({ kind: 'found-authority' }, new Date(0), stateless(), POLICY);
  const cert = (each: typeof old) => each.authority?.cert ?? '';
  const stored = { ...third, retired: { certs: cert(other), until: START } };
  const state = { stored, bundles: [cert(ended), `${cert(old)}\n`], names: [] };
  const { retired, next, leaf } = await carryOut({ kind: 'found-authority' }, START, state, POLICY);
  const kept = [cert(old), third.next?.cert ?? '', cert(other)].map((pem) => pem.trim());
  t.strictSame(
    splitBundle(retired?.certs ?? '').map((pem) => pem.trim()),
    kept,
  );
  t.strictSame(retired?.until, new Date(START.getTime() + 90 * DAY));
  t.strictSame([next, leaf], [undefined, undefined]);
});

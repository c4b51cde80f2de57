/** The ServiceAccounts' cache against an API server that lists, watches, refuses and breaks off: the real client over real HTTP. */
import { getEventListeners } from 'node:events';
import t, { type Test } from 'tap';
import { serviceAccountRoles } from '../../../webhook/cluster/service-accounts.ts';
import { createLiveReads } from '../../../webhook/kubernetes/live-reads.ts';
import { ACCOUNTS, recordingLog, type Stored, startApiServer, until } from '../../kubernetes/api-server.ts';

const ROLE = 'arn:aws:iam::111122223333:role/app';

function account(name: string, role?: string): Stored {
  const annotations = role === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': role } };
  return { metadata: { namespace: 'shop', name, ...annotations } };
}

async function startRoles(t: Test, accounts: Stored[], memory = { memoryMs: 20 }) {
  const cluster = await startApiServer(t, [ACCOUNTS]);
  for (const one of accounts) cluster.put(ACCOUNTS, one);
  const seen = { synced: 0, contacts: 0 };
  const { log, lines } = recordingLog();
  const roleOf = serviceAccountRoles({
    ...cluster,
    live: createLiveReads(cluster.kubeConfig, memory),
    log,
    onSynced: () => void seen.synced++,
    onContact: () => void seen.contacts++,
  });
  await until(() => seen.synced > 0 && cluster.watching(ACCOUNTS));
  return { ...cluster, roleOf, seen, lines, reads: () => cluster.calls.filter(({ kind }) => kind === 'get').length };
}

t.test('knows the roles of all pages of the list without asking again', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { roleOf, reads } = await startRoles(
    t,
    names.map((name) => account(name, `${ROLE}-${name}`)),
  );
  for (const name of names) t.same(await roleOf('shop', name), { roleArn: `${ROLE}-${name}` });
  t.equal(reads(), 0);
});

t.test('looks once more before it says no', async (t) => {
  const { roleOf, slip } = await startRoles(t, [account('plain')]);
  t.equal(await roleOf('shop', 'none'), undefined);
  t.same(await roleOf('shop', 'plain'), {});
  slip(ACCOUNTS, account('plain', ROLE));
  slip(ACCOUNTS, account('none', ROLE));
  await until(async () => (await roleOf('shop', 'plain'))?.roleArn === ROLE);
  await until(async () => (await roleOf('shop', 'none'))?.roleArn === ROLE);
});

t.test('keeps the audience with the role', async (t) => {
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'amazonaws.com' };
  const { roleOf, reads } = await startRoles(t, [{ metadata: { namespace: 'shop', name: 'app', annotations } }]);
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE, audience: 'amazonaws.com' });
  t.equal(reads(), 0);
});

t.test('leaves out white space around the role and the audience', async (t) => {
  const annotations = {
    'eks.amazonaws.com/role-arn': `\t${ROLE}\r\n`,
    'eks.amazonaws.com/audience': ' amazonaws.com\n',
  };
  const { roleOf, reads } = await startRoles(t, [{ metadata: { namespace: 'shop', name: 'app', annotations } }]);
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE, audience: 'amazonaws.com' });
  t.equal(reads(), 0, 'it counts as a good role, which is kept');
});

t.test('asks once for an account without a role, however many pods come with it', async (t) => {
  const { roleOf, reads } = await startRoles(t, [account('plain')], { memoryMs: 60_000 });
  for (const _ of [1, 2]) await Promise.all(Array.from({ length: 50 }, () => roleOf('shop', 'plain')));
  t.equal(reads(), 1);
});

t.test('believes no earlier answer about an account that has changed since', async (t) => {
  const { roleOf, put, remove, reads, seen } = await startRoles(t, [account('app')], { memoryMs: 60_000 });
  t.same(await roleOf('shop', 'app'), {});
  const before = seen.contacts;
  put(ACCOUNTS, account('app', ROLE));
  remove(ACCOUNTS, account('app', ROLE));
  await until(() => seen.contacts > before + 1);
  t.equal(await roleOf('shop', 'app'), undefined);
  t.equal(reads(), 2);
});

t.test('reads a role that would be refused once more', async (t) => {
  const { roleOf, slip } = await startRoles(t, [account('app', 'role/app')]);
  slip(ACCOUNTS, account('app', ROLE));
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE }, 'the watch has not seen the correction yet');
});

t.test('follows changes and deletions without asking again', async (t) => {
  const { roleOf, put, remove, reads, state } = await startRoles(t, [account('app', ROLE), account('gone', ROLE)]);
  put(ACCOUNTS, account('app', `${ROLE}2`));
  remove(ACCOUNTS, account('gone', ROLE));
  put(ACCOUNTS, account('new', `${ROLE}3`));
  // Nothing can be read live, so what is known came from the watch.
  state.fault = ({ kind }) => (kind === 'get' ? 404 : undefined);
  await until(() => roleOf('shop', 'new'));
  const before = reads();
  t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
  t.equal(reads(), before);
  t.equal(await roleOf('shop', 'gone'), undefined);
});

t.test('still knows what it knew while the API server fails, and then catches up', async (t) => {
  const { roleOf, state, seen, slip, endWatches } = await startRoles(t, [account('app', ROLE)]);
  state.fault = () => 500;
  endWatches('destroy');
  t.same(await roleOf('shop', 'app'), { roleArn: ROLE });
  await t.rejects(roleOf('shop', 'other'), 'unknown is not the same as none');
  slip(ACCOUNTS, account('app', `${ROLE}2`));
  state.fault = undefined;
  await until(() => seen.synced > 1);
  t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
});

for (const goneAs of ['event', 'status'] as const) {
  t.test(`lists anew, and says nothing, when its place in the history is gone (410 as ${goneAs})`, async (t) => {
    const { roleOf, state, seen, slip, forget, endWatches, lines } = await startRoles(t, [account('app', ROLE)]);
    slip(ACCOUNTS, account('app', `${ROLE}2`));
    state.goneAs = goneAs;
    forget();
    endWatches();
    await until(() => seen.synced > 1);
    t.same(await roleOf('shop', 'app'), { roleArn: `${ROLE}2` });
    t.same(lines, []);
  });
}

t.test('begins the list again when the API server forgets it half-way', async (t) => {
  const { calls, seen, slip, state, forget, endWatches } = await startRoles(
    t,
    ['a', 'b', 'c'].map((name) => account(name, ROLE)),
  );
  slip(ACCOUNTS, account('d', ROLE));
  forget();
  let pages = 0;
  state.fault = ({ kind }) => {
    if (kind === 'list' && ++pages === 2) return 410;
    return undefined;
  };
  endWatches();
  await until(() => seen.synced > 1);
  t.equal(calls.filter(({ kind }) => kind === 'list').length, 6, 'two pages, two of which one fails, two');
});

t.test('goes on from its place when the server merely ends the watch', async (t) => {
  const { roleOf, put, count, endWatches, state } = await startRoles(t, [account('app', ROLE)]);
  endWatches();
  put(ACCOUNTS, account('new', ROLE));
  state.fault = ({ kind }) => (kind === 'get' ? 404 : undefined);
  await until(() => roleOf('shop', 'new'));
  t.equal(count('list', ACCOUNTS), 1);
});

t.test('a bookmark moves its place on, so that a quiet watch survives a forgotten history', async (t) => {
  const { count, bookmark, forget, endWatches, seen, skip, put, roleOf, state } = await startRoles(t, [
    account('app', ROLE),
  ]);
  skip(50);
  const before = seen.contacts;
  bookmark(ACCOUNTS);
  await until(() => seen.contacts > before);
  forget();
  endWatches();
  await until(() => count('watch', ACCOUNTS) === 2);
  put(ACCOUNTS, account('new', ROLE));
  state.fault = ({ kind }) => (kind === 'get' ? 404 : undefined);
  await until(() => roleOf('shop', 'new'));
  t.equal(count('list', ACCOUNTS), 1);
});

t.test('leaves nothing behind of the watches that ended', async (t) => {
  const { count, signal, endWatches, watching } = await startRoles(t, []);
  const listening = getEventListeners(signal, 'abort').length;
  for (const number of [2, 3]) {
    endWatches();
    await until(() => count('watch', ACCOUNTS) === number && watching(ACCOUNTS));
  }
  t.equal(getEventListeners(signal, 'abort').length, listening);
});

t.test('a request that nobody answers is ended, not only given up', async (t) => {
  const { roleOf, state, hanging } = await startRoles(t, []);
  state.fault = ({ kind }) => (kind === 'get' ? 'hang' : undefined);
  await t.rejects(roleOf('shop', 'app'), { name: 'TimeoutError' });
  await until(() => hanging() === 0);
  t.equal(hanging(), 0);
});

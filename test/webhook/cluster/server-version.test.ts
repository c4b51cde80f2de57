import t, { type Test } from 'tap';
import { ENV_FILES, RESTART_ALL_CONTAINERS } from '../../../webhook/admission/kubernetes-version.ts';
import { serverVersion } from '../../../webhook/cluster/server-version.ts';
import { startApiServer, until } from '../../kubernetes/api-server.ts';

const OLD = { major: '1', minor: '34+', gitVersion: 'v1.34.9-eks-1a2b3c' };
const NEW = { major: '1', minor: '35+', gitVersion: 'v1.35.2-eks-1a2b3c' };

async function start(t: Test, reported: Record<string, string>) {
  const { state, calls, kubeConfig } = await startApiServer(t, []);
  state.serverVersion = reported;
  const clock = { now: 0 };
  return { state, clock, calls, version: serverVersion(kubeConfig, () => clock.now) };
}

t.test('asks one time for many that ask at once', async (t) => {
  const { version, calls } = await start(t, NEW);
  t.same(
    await Promise.all([version(ENV_FILES), version(ENV_FILES), version(ENV_FILES)]),
    Array(3).fill({ major: 1, minor: 35 }),
  );
  t.equal(calls.length, 1);
});

t.test('one that is too old is asked again after a while, so that an upgrade is heard of', async (t) => {
  const { version, state, clock, calls } = await start(t, OLD);
  t.same(await version(ENV_FILES), { major: 1, minor: 34 });
  state.serverVersion = NEW;
  clock.now = 29_000;
  t.same(await version(ENV_FILES), { major: 1, minor: 34 });
  t.equal(calls.length, 1);
  clock.now = 31_000;
  t.same(await version(ENV_FILES), { major: 1, minor: 35 });
});

t.test('one that is too old for this pod is asked again, though it was new enough for another', async (t) => {
  const { version, state, clock } = await start(t, NEW);
  await version(ENV_FILES);
  state.serverVersion = { ...NEW, minor: '36' };
  clock.now = 31_000;
  t.same(await version(RESTART_ALL_CONTAINERS), { major: 1, minor: 36 });
});

t.test('one that is new enough is asked again without anybody waiting', async (t) => {
  const { version, state, clock, calls } = await start(t, NEW);
  await version(ENV_FILES);
  state.fault = () => 'hang';
  clock.now = 6 * 60_000;
  t.same(await version(ENV_FILES), { major: 1, minor: 35 });
  t.same(await version(ENV_FILES), { major: 1, minor: 35 });
  await until(() => calls.length === 2);
});

t.test('keeps the version that it knows while the API server fails', async (t) => {
  const { version, state, clock } = await start(t, OLD);
  await version(ENV_FILES);
  state.fault = () => 503;
  clock.now = 60_000;
  t.same(await version(ENV_FILES), { major: 1, minor: 34 });
});

t.test('asks again at once where the first answer was none', async (t) => {
  const { version, state } = await start(t, NEW);
  state.fault = () => 503;
  await t.rejects(version(ENV_FILES));
  state.fault = undefined;
  t.same(await version(ENV_FILES), { major: 1, minor: 35 });
});

t.test('believes the version that the server emulates, which decides about its features', async (t) => {
  const { version } = await start(t, { ...NEW, emulationMajor: '1', emulationMinor: '34' });
  t.same(await version(ENV_FILES), { major: 1, minor: 34 });
});

t.test('takes nonsense for no answer', async (t) => {
  const { version } = await start(t, { kind: 'Status' });
  await t.rejects(version(ENV_FILES), { message: /version of an unknown form/ });
});

t.test('a clock of the node that is set does not have it ask', async (t) => {
  const { state, calls, kubeConfig } = await startApiServer(t, []);
  state.serverVersion = OLD;
  const { now } = Date;
  let set = 0;
  t.intercept(Date, 'now', { value: () => now() + set });
  const version = serverVersion(kubeConfig);
  await version(ENV_FILES);
  set = 3_600_000;
  await version(ENV_FILES);
  t.equal(calls.length, 1);
});

/** Tests how many requests and connections reads cost the API server, which pods wait for. */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createLiveReads } from '../../../webhook/kubernetes/live-reads.ts';
import { ACCOUNTS, startApiServer, until } from '../../kubernetes/api-server.ts';

const PATH = '/api/v1/namespaces/shop/serviceaccounts';

async function startReads(t: Test, memory: { memoryMs: number } = { memoryMs: 60_000 }) {
  const cluster = await startApiServer(t, [ACCOUNTS]);
  return { ...cluster, live: createLiveReads(cluster.kubeConfig, memory) };
}

t.test('shares an answer among those who ask at the same time, and remembers that nothing is there', async (t) => {
  const { live, calls } = await startReads(t);
  const asked = () => live.read(`${PATH}/none`);
  t.same(await Promise.all([asked(), asked()]), [undefined, undefined]);
  t.equal(await asked(), undefined);
  t.equal(calls.length, 1);
});

t.test('asks again some time after the answer', async (t) => {
  const { live, calls } = await startReads(t, { memoryMs: 10 });
  await until(async () => (await live.read(`${PATH}/none`)) === undefined && calls.length > 1);
  t.equal(calls.length, 2);
});

t.test('asks again for what has changed', async (t) => {
  const { live, put } = await startReads(t);
  t.equal(await live.read(`${PATH}/app`), undefined);
  put(ACCOUNTS, { metadata: { namespace: 'shop', name: 'app' } });
  live.forget(`${PATH}/app`);
  t.match(await live.read(`${PATH}/app`), { metadata: { name: 'app' } });
});

t.test('remembers no failure', async (t) => {
  const { live, state } = await startReads(t);
  state.fault = () => 503;
  await t.rejects(live.read(`${PATH}/none`), { code: 503 });
  state.fault = undefined;
  t.equal(await live.read(`${PATH}/none`), undefined);
});

t.test('uses one connection for reads that follow one another', async (t) => {
  const { live, connections } = await startReads(t);
  for (let index = 0; index < 10; index++) await live.read(`${PATH}/none-${index}`);
  t.equal(connections(), 1);
});

t.test('takes another connection where the API server has closed the idle one', async (t) => {
  const { live, closeIdleConnections } = await startReads(t);
  await live.read(`${PATH}/one`);
  closeIdleConnections();
  t.equal(await live.read(`${PATH}/two`), undefined);
});

t.test('has sixteen requests in flight at most, and the others fail in time, too', async (t) => {
  const { live, state, hanging, calls } = await startReads(t);
  state.fault = () => 'hang';
  const reads = Array.from({ length: 40 }, (_, index) => live.read(`${PATH}/none-${index}`));
  const all = Promise.allSettled(reads);
  await until(() => hanging() === 16);
  await sleep(500); // another one would have come by now, and no time-out is over yet
  t.equal(calls.length, 16);
  const ended = await all;
  t.same(new Set(ended.map((end) => end.status === 'rejected' && end.reason.name)), new Set(['TimeoutError']));
});

t.test('sends away who asks while too many wait, with a sentence that says to try again', async (t) => {
  const { live, state } = await startReads(t);
  state.fault = () => 'hang';
  const reads = Array.from({ length: 1024 }, (_, index) => live.read(`${PATH}/none-${index}`));
  await t.rejects(live.read(`${PATH}/late`), { message: /too many reads.*: try again/ });
  const ended = await Promise.allSettled(reads);
  t.ok(ended.every((end) => end.status === 'rejected' && end.reason.name === 'TimeoutError'));
  state.fault = undefined;
  t.equal(await live.read(`${PATH}/late`), undefined, 'and serves again when they are gone');
});

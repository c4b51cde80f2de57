/** Tests what becomes of each answer that an API server may give to a request for a Kubernetes Secret. */
import t, { type Test } from 'tap';
import { createLog } from '../../../injector/log.ts';
import { createRedactor } from '../../../injector/redactor.ts';
import { Secret } from '../../../injector/secret.ts';
import { ask } from '../../../injector/sync/request.ts';
import { syncSecrets } from '../../../injector/sync/sync.ts';
import { type Answer, status } from '../../kubernetes/requests.ts';
import { startSecretsServer } from '../../kubernetes/secrets-server.ts';
import { createClock } from '../support/clock.ts';
import { addCluster, syncOf } from '../support/cluster.ts';

/** Makes Secrets of these names in one try each, as the time to try again is over. */
async function syncOnce(server: Awaited<ReturnType<typeof addCluster>>, root: string, names: readonly string[]) {
  const clock = createClock();
  const redactor = createRedactor();
  const log = createLog({ level: 'error' }, { now: () => new Date(), write() {}, redact: redactor.redact });
  const context = { ...server, root, podName: 'app1', clock, deadline: clock.now(), log, redactor };
  const data = new Map([['password', new Secret('pw')]]);
  const wanted = names.map((name) => ({ name, type: 'Opaque', data }));
  return syncSecrets(wanted, { namespace: 'shop', sync: syncOf({ password: 0 }) }, context);
}

async function setUp(t: Test) {
  const root = t.testdir({});
  const server = await addCluster(t, root);
  return { root, server, sync: (...names: string[]) => syncOnce(server, root, names) };
}

const NOT_MADE = 'The Secret "shop-db" was not made.';
const answered = (words: string) => ({
  headline: NOT_MADE,
  cause: `The API server answered with HTTP status ${words}.`,
});

const WRITTEN: Record<string, { answer: Answer; code: string; words: string }> = {
  'a field that is wrong': { answer: status(422, 'is invalid'), code: 'ASI_SYNC_REFUSED', words: '422: is invalid' },
  'a request that is wrong': { answer: status(400, 'is bad'), code: 'ASI_SYNC_REFUSED', words: '400: is bad' },
  'a policy that denies it': { answer: status(403, 'no such'), code: 'ASI_SYNC_REFUSED', words: '403: no such' },
  'a policy without words': { answer: status(403), code: 'ASI_SYNC_REFUSED', words: '403' },
  'a token that is too old': { answer: status(401, 'too old'), code: 'ASI_SYNC_UNAVAILABLE', words: '401: too old' },
  'too many requests': { answer: status(429, 'wait'), code: 'ASI_SYNC_UNAVAILABLE', words: '429: wait' },
  'an error inside': { answer: status(500, 'broken'), code: 'ASI_SYNC_UNAVAILABLE', words: '500: broken' },
  'words of a proxy': {
    answer: { status: 502, body: { kind: 'Proxy', message: 'no' } },
    code: 'ASI_SYNC_UNAVAILABLE',
    words: '502',
  },
};

for (const [what, { answer, code, words }] of Object.entries(WRITTEN)) {
  t.test(`${what} is answered to a write`, async (t) => {
    const { server, sync } = await setUp(t);
    server.state.fault = (method) => (method === 'PATCH' ? answer : undefined);
    t.match(await sync('shop-db'), [{ code, ...answered(words) }]);
    t.equal(server.requests.length, 2, 'one read and one write');
  });
}

const READ: Record<string, Answer> = {
  'an object of another kind': { status: 200, body: { kind: 'ConfigMap', metadata: {} } },
  'no object': { status: 200, body: [] },
  'a success without a Secret': { status: 204, body: {} },
};

for (const [what, answer] of Object.entries(READ)) {
  t.test(`${what} is no Secret, and nothing is written over it`, async (t) => {
    const { server, sync } = await setUp(t);
    server.state.fault = () => answer;
    t.match(await sync('shop-db'), [{ code: 'ASI_SYNC_UNAVAILABLE', ...answered(`${answer.status}`) }]);
    t.strictSame(
      server.requests.map(({ method }) => method),
      ['GET'],
    );
  });
}

t.test('after twenty conflicts in a row, something else is wrong', async (t) => {
  const { server, sync } = await setUp(t);
  server.state.fault = (method) => (method === 'PATCH' ? status(409, 'changed') : undefined);
  t.match(await sync('shop-db'), [{ code: 'ASI_SYNC_UNAVAILABLE', ...answered('409: changed') }]);
  t.equal(server.requests.filter(({ method }) => method === 'PATCH').length, 21);
});

t.test('of several Secrets that are right, each is read once and nothing is written', async (t) => {
  const { server, sync } = await setUp(t);
  t.strictSame(await sync('shop-db', 'shop-api'), []);
  const before = server.requests.length;
  t.strictSame(await sync('shop-db', 'shop-api'), []);
  t.strictSame(
    server.requests.slice(before).map(({ method }) => method),
    ['GET', 'GET'],
  );
});

t.test('an API server that takes the request and does not answer is given 30 seconds', async (t) => {
  const { root, server } = await setUp(t);
  const { setTimeout: later } = globalThis;
  const given: unknown[] = [];
  const soon = (act: () => void, milliseconds: number) => {
    given.push(milliseconds);
    return later(act, 0);
  };
  t.intercept(globalThis, 'setTimeout', { value: soon });
  await t.rejects(ask(server.apiServer, root, { method: 'GET', path: '/api/v1/namespaces/shop/secrets/a' }), {
    name: 'TimeoutError',
  });
  t.ok(given.includes(30_000));
});

t.test('no variable of the pod lets it trust the certificate of another authority', async (t) => {
  const { root, server } = await setUp(t);
  const stranger = await startSecretsServer(t);
  t.intercept(process, 'env', { value: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
  const [failure] = await syncOnce({ ...server, cluster: { ...server.cluster, ...stranger } }, root, ['shop-db']);
  t.match(failure, { code: 'ASI_SYNC_UNAVAILABLE', cause: /could not be reached: / });
  t.strictSame(stranger.requests, []);
});

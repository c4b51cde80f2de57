/** Tests the webhook as a process, against a Kubernetes API in memory. */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { SETTINGS_ENV } from '../../webhook/settings.ts';
import { ACCOUNTS, CLASSES, EVENTS, NAMESPACES, NODES, PODS, startApiServer, until } from '../kubernetes/api-server.ts';
import { ROLE, reviewOf } from './support/admission.ts';
import { issue } from './support/tls-client.ts';

/** The program as it is in the image, made by `npm run build`, which `npm test` does first. */
const PROGRAM = fileURLToPath(new URL('../../dist/webhook.mjs', import.meta.url));
const ANNOTATIONS = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };

function bodyOf(args: string): string {
  const containers = [{ name: 'app', args: [args] }];
  return JSON.stringify(
    reviewOf({ metadata: { name: 'app', annotations: ANNOTATIONS }, spec: { serviceAccountName: 'app', containers } }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the program, and waits until it is ready. The cluster has a node, a ServiceAccount with a role, and a pod that was missed. */
async function start(t: Test, more: object = {}) {
  const cluster = await startApiServer(t, [ACCOUNTS, NODES, CLASSES, PODS, NAMESPACES, EVENTS]);
  const namespace = 'shop';
  const role = { 'eks.amazonaws.com/role-arn': ROLE };
  cluster.put(ACCOUNTS, { metadata: { name: 'app', namespace, annotations: role } });
  cluster.put(NODES, { metadata: { name: 'a', labels: { 'topology.kubernetes.io/region': 'eu-north-1' } } });
  cluster.put(NAMESPACES, { metadata: { name: namespace } });
  cluster.put(PODS, { metadata: { name: 'missed', namespace, uid: 'u', annotations: ANNOTATIONS } });
  const pair = await issue();
  const kubeConfig = cluster.kubeConfig.exportConfig();
  const folder = t.testdir({ kubeconfig: kubeConfig, 'tls.crt': pair.cert, 'tls.key': pair.key });
  const [port, healthPort] = [await freePort(), await freePort()];
  const settings = {
    ...{ port, healthPort, injector: { image: 'registry.example/injector:1' }, uninjectedPods: { events: true } },
    certificates: { mode: 'provided', directory: folder, caBundle: 'given' },
    ...more,
  };
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      ...process.env,
      KUBECONFIG: `${folder}/kubeconfig`,
      POD_NAMESPACE: 'injector',
      [SETTINGS_ENV]: JSON.stringify(settings),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  const health = (path: string) => fetch(`http://127.0.0.1:${healthPort}/${path}`);
  await until(() =>
    health('readyz').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    ended,
    health,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    metrics: async () => (await health('metrics')).text(),
    lines: (): Record<string, unknown>[] =>
      log
        .split('\n')
        .filter((line) => line)
        .map((line) => JSON.parse(line)),
    /** Sends a review of a pod with these arguments, and returns the patch and the headers of the answer. */
    async review(args = '') {
      const headers = { 'content-type': 'application/json' };
      const at = { host: '127.0.0.1', servername: 'localhost', port, ca: pair.cert, agent: new Agent() };
      const call = request({ ...at, path: '/mutate', method: 'POST', headers }).end(bodyOf(args));
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        call.on('response', resolve).on('error', reject);
      });
      const { response } = JSON.parse(await text(answer));
      return { headers: answer.headers, patch: Buffer.from(response.patch ?? '', 'base64').toString() };
    },
  };
}

t.test('injects with the role and the region that the cluster has', async (t) => {
  const { review } = await start(t);
  const { patch } = await review();
  t.match(patch, ROLE);
  t.match(patch, 'eu-north-1');
});

t.test('injects into a large pod, by the thread that is bundled beside the program', async (t) => {
  const { review, lines } = await start(t);
  t.match((await review('x'.repeat(300_000))).patch, ROLE);
  t.strictSame(
    lines().filter(({ level }) => level === 'error'),
    [],
  );
});

t.test('counts what it answers and what it follows', async (t) => {
  const { review, metrics } = await start(t);
  await review();
  await until(async () => (await metrics()).includes('uninjected_pods 1'));
  const text = await metrics();
  t.match(text, /admission_requests_total\{[^}]*outcome="injected"[^}]*\} 1\n/);
  t.match(text, /certificate_expiry_timestamp_seconds \d{10}\n/);
  for (const cache of ['serviceaccounts', 'secretproviderclasses', 'nodes', 'pods', 'namespaces'])
    t.match(text, new RegExp(`cache_synced\\{cache="${cache}"\\} 1\\n`), cache);
});

t.test('writes a line for an answer, and one for a pod that was missed', async (t) => {
  const { review, lines } = await start(t);
  await review();
  await until(() => lines().some(({ pod }) => pod === 'missed') && lines().some(({ pod }) => pod === 'app'));
  t.match(
    lines().find(({ pod }) => pod === 'app'),
    { namespace: 'shop', outcome: 'injected' },
  );
  t.match(
    lines().find(({ pod }) => pod === 'missed'),
    { namespace: 'shop' },
  );
});

t.test('writes no line for an answer where the log level is above info', async (t) => {
  const { review, lines } = await start(t, { logLevel: 'warn' });
  await review();
  await until(() => lines().some(({ pod }) => pod === 'missed'));
  t.strictSame(
    lines().filter(({ pod }) => pod === 'app'),
    [],
  );
});

t.test('a SIGTERM makes it unready, lets it serve on for a while, and ends it with 0', async (t) => {
  const { health, kill, review, ended } = await start(t);
  kill('SIGTERM');
  await until(async () => !(await health('readyz')).ok);
  t.match(await review(), { headers: { connection: 'close' }, patch: ROLE });
  t.equal(await ended, 0);
});

for (const [what, env] of Object.entries({
  'no settings': { POD_NAMESPACE: 'injector' },
  'settings of another shape': { POD_NAMESPACE: 'injector', [SETTINGS_ENV]: '{"port":"x"}' },
})) {
  t.test(`${what} end it with 2 and a sentence`, async (t) => {
    const child = spawn(process.execPath, [PROGRAM], { env: { ...env } as NodeJS.ProcessEnv });
    const [output, code] = await Promise.all([text(child.stderr), new Promise((resolve) => child.on('exit', resolve))]);
    t.equal(code, 2);
    t.match(JSON.parse(output), { level: 'error', message: new RegExp(SETTINGS_ENV) });
  });
}

/**
 * Writes webhook.cache: what V8 compiles of webhook.cjs until it has answered reviews. `npm run build:webhook` and Dockerfile.webhook
 * run `node OPTIONS dist/compile-webhook.mjs FILE`, as only a Node.js of the same version with the same options can use the file.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import { startCluster } from '../../test/bench/webhook/cluster.ts';
import { reviewOf } from '../../test/bench/webhook/review.ts';
import { SETTINGS_ENV } from '../../webhook/settings.ts';
import { loadProgram } from '../../webhook/start/program.ts';

const LONGEST_START_MS = 60_000;

const file = join(import.meta.dirname, 'webhook.cjs');
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('Name the file to write: node compile-webhook.mjs FILE');

const folder = mkdtempSync(join(tmpdir(), 'compile-webhook-'));
const authority = await issueAuthority(new Date(), POLICY);
const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);
const cluster = await startCluster(pair, authority.cert);
writeFileSync(join(folder, 'tls.crt'), pair.cert);
writeFileSync(join(folder, 'tls.key'), pair.key);
writeFileSync(join(folder, 'kubeconfig'), cluster.kubeConfig);

const [port, healthPort] = [await freePort(), await freePort()];
Object.assign(process.env, {
  POD_NAMESPACE: 'aws-secrets-injector',
  KUBECONFIG: join(folder, 'kubeconfig'),
  [SETTINGS_ENV]: JSON.stringify({
    ...{ port, healthPort, logLevel: 'error', injector: { image: 'registry.example/aws-secrets-injector:1' } },
    certificates: { mode: 'provided', directory: folder, caBundle: 'given' },
  }),
});
const program = loadProgram(file, readFileSync(file));
program.run(createRequire(file));

const started = performance.now();
while ((await probe()) !== 200) {
  if (performance.now() - started > LONGEST_START_MS) throw new Error('the webhook did not become ready');
  await sleep(10);
}
for (const declares of [true, false]) {
  const answer = await review(reviewOf(0, declares));
  if (answer.includes('"patch"') !== declares) throw new Error(`the webhook answered ${answer}`);
}
await probe('metrics');
writeFileSync(target, program.compiled());
rmSync(folder, { recursive: true });
process.exit(0);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Returns the status of an answer of the health port, or undefined if there is none. */
function probe(path = 'readyz'): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  get(`http://127.0.0.1:${healthPort}/${path}`, (answer) =>
    answer.resume().on('end', () => resolve(answer.statusCode)),
  ).on('error', () => resolve(undefined));
  return promise;
}

function review(body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const at = { host: 'localhost', family: 4, port, path: '/mutate', method: 'POST', ca: authority.cert };
  const call = request({ ...at, headers: { 'content-type': 'application/json' } }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    answer.on('end', () => resolve(text));
  });
  call.on('error', reject).end(body);
  return promise;
}

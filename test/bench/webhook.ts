/** Runs `bench webhook`: reviews of an ordinary pod over TLS, beside the least that a server in Node can do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import type { Pair } from '../../webhook/server/tls.ts';
import type { BenchOptions } from './options.ts';
import { cpuOf, memoryOf } from './process.ts';
import { spread } from './statistics.ts';
import { range, ratio, table } from './table.ts';
import { startCluster } from './webhook/cluster.ts';
import type { Load, Loaded } from './webhook/load.ts';
import { reviewOf } from './webhook/review.ts';
import { type Server, startFloor, startWebhook } from './webhook/servers.ts';

const LOADER = join(import.meta.dirname, 'webhook/load.ts');
const CONNECTIONS = [1, 8, 64];
const SECONDS = 3;
/** Further variables that make a review of 3 MiB. A pod may have 10,000. */
const MANY = 9000;
const LONG = { few: 20_000, many: 100_000 };

/** Reviews of 3 MiB that come beside small ones: of pods that declare something, and of those that do not. */
const LARGE = [
  { kind: 'large', connections: 0 },
  { kind: 'large', connections: 1 },
  { kind: 'large', connections: 4 },
  { kind: 'plain', connections: 1 },
  { kind: 'plain', connections: 4 },
] as const;

/** Files that all processes read. */
type Files = { readonly folder: string; readonly ca: string } & { readonly [K in 'small' | 'large' | 'plain']: string };

type Measured = Loaded & { readonly cpu: number };

/** The figures of each row. Each stands beside its ratio to the floor's, which no load of the machine changes much. */
const FIGURES: readonly { name: string; of: (one: Measured) => number; digits?: number }[] = [
  { name: 'reviews/s', of: ({ reviews, seconds }) => reviews / seconds },
  { name: 'p50 ms', of: ({ p50 }) => p50, digits: 1 },
  { name: 'p99 ms', of: ({ p99 }) => p99, digits: 1 },
  { name: 'CPU s per 1,000', of: ({ cpu, reviews }) => cpu / reviews, digits: 2 },
];

/** Webhook and floor take turns. */
export async function benchWebhook({ runs, long, record }: BenchOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  const authority = await issueAuthority(new Date(), POLICY);
  const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);
  const cluster = await startCluster(pair, authority.cert);
  const servers: Server[] = [];
  try {
    const files = writeFiles(folder, pair, { 'ca.crt': authority.cert, kubeconfig: cluster.kubeConfig });
    const webhook = await startWebhook(folder, join(folder, 'kubeconfig'));
    servers.push(webhook);
    const patch = await patchOf(webhook, files);
    writeFileSync(join(folder, 'patch'), patch);
    const floor = await startFloor(folder, join(folder, 'patch'));
    servers.push(floor);
    const idle = servers.map(memory);
    const rows = await compare([floor, webhook], files, Math.max(3, Math.ceil(runs / 3)), record);
    const loaded = servers.map(memory);
    const mixed = await besideLarge([floor, webhook], files);
    const flat = await growth(webhook, files, long ? LONG.many : LONG.few);
    return [
      `webhook: minimum / median / maximum; reviews of ${reviewOf().length} bytes, patches of ${patch.length} bytes; ready after`,
      `${webhook.startup.toFixed(0)} ms (webhook), ${floor.startup.toFixed(0)} ms (floor)`,
      rows,
      '',
      mixed,
      '',
      table(
        ['MiB resident', 'idle', 'after load'],
        servers.map(({ name }, at) => [name, `${idle[at]}`, `${loaded[at]}`]),
      ),
      flat,
      '',
    ].join('\n');
  } finally {
    for (const server of servers) await server.close();
    cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder: string, { cert, key }: Pair, others: { 'ca.crt': string; kubeconfig: string }): Files {
  const reviews = { small: reviewOf(), large: reviewOf(MANY), plain: reviewOf(MANY, false) };
  const contents = { 'tls.crt': cert, 'tls.key': key, ...others, ...reviews };
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
  const at = (name: keyof typeof reviews) => join(folder, name);
  return { folder, ca: others['ca.crt'], small: at('small'), large: at('large'), plain: at('plain') };
}

/** Returns the webhook's patch, which the floor answers too. */
async function patchOf({ port }: Server, { ca }: Files): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const call = request({ host: 'localhost', family: 4, port, path: '/mutate', method: 'POST', ca, headers });
  const answered = once(call, 'response');
  call.end(reviewOf());
  const [answer] = await answered;
  return Buffer.from(JSON.parse(await text(answer)).response.patch, 'base64').toString();
}

async function compare(
  servers: readonly Server[],
  files: Files,
  rounds: number,
  record: BenchOptions['record'],
): Promise<string> {
  const keys = CONNECTIONS.flatMap((connections) => servers.map((server) => ({ connections, server })));
  const rows = keys.map((key) => ({ ...key, measured: [] as Measured[] }));
  for (let round = -1; round < rounds; round++) {
    for (const { server, connections, measured } of rows) {
      const one = await measure(server, { ...loadOf(server, files), connections, seconds: SECONDS });
      if (round >= 0) measured.push(one);
    }
  }
  record(
    'webhook',
    rows.map(({ connections, server, measured }) => ({
      name: `${server.name}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
      figures: Object.fromEntries(FIGURES.map(({ name, of }) => [name, spread(measured.map(of))])),
    })),
  );
  const head = ['connections', ...FIGURES.flatMap(({ name }) => [name, '× floor'])];
  const lines = rows.map(({ connections, server, measured }, at) => {
    const floor = rows[at - (at % servers.length)]?.measured ?? [];
    const cells = FIGURES.flatMap(({ of, digits }) => {
      const [ours, least] = [measured, floor].map((list) => spread(list.map(of)));
      return ours && least ? [range(ours, digits), ratio(ours.median, least.median)] : [];
    });
    return [`${connections} ${server.name}`, ...cells];
  });
  return table(head, lines);
}

/** Measures what small reviews notice of large ones. */
async function besideLarge(servers: readonly Server[], files: Files): Promise<string> {
  const lines: string[][] = [];
  for (const server of servers) {
    for (const { kind, connections } of LARGE) {
      const all = loadOf(server, files);
      // The floor gives everyone a patch.
      const patched = kind === 'large' || server.name === 'floor';
      const large = { ...all, bodyFile: files[kind], patched, connections, seconds: SECONDS + 1, pause: 200 };
      const [one, other] = await Promise.all([
        sleep(500).then(() => run({ ...all, connections: 8, seconds: SECONDS, pause: 10 })),
        connections > 0 ? run(large) : undefined,
      ]);
      lines.push([
        `${server.name}, ${connections} ${kind}`,
        one.p50.toFixed(1),
        one.p99.toFixed(1),
        one.slowest.toFixed(1),
        `${other?.reviews ?? 0}`,
        other?.p50.toFixed(0) ?? '',
      ]);
    }
  }
  const head = ['8 small and', 'p50 ms', 'p99 ms', 'slowest ms', 'large ones', 'their p50 ms'];
  return table(head, lines);
}

async function growth(server: Server, files: Files, reviews: number): Promise<string> {
  const steps: string[] = [];
  for (let step = 0; step < 5; step++) {
    await run({ ...loadOf(server, files), connections: 8, seconds: 120, reviews: reviews / 5 });
    steps.push(memory(server));
  }
  return `webhook, after each fifth of ${reviews} further reviews: ${steps.join(', ')} MiB; at most ${memoryOf(server.pid).peak?.toFixed(0)}`;
}

function memory({ pid }: Server): string {
  return memoryOf(pid).now?.toFixed(0) ?? '';
}

function loadOf({ port }: Server, { ca, small }: Files): Load {
  return { port, ca, bodyFile: small, patched: true, connections: 1, seconds: SECONDS, reviews: 1_000_000, pause: 0 };
}

async function measure(server: Server, load: Load): Promise<Measured> {
  const before = cpuOf(server.pid);
  const loaded = await run(load);
  return { ...loaded, cpu: cpuOf(server.pid) - before };
}

async function run(load: Load): Promise<Loaded> {
  const child = spawn(process.execPath, [LOADER], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(load));
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the load ended with ${code}`);
  return JSON.parse(answer);
}

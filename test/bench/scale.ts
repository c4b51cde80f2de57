/** Runs `bench scale`: the webhook beside an API server with thousands of accounts, classes and nodes, by what the API server counts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import { say, until } from '../e2e/harness/progress.ts';
import type { BenchOptions } from './options.ts';
import { cpuOf, memoryOf } from './process.ts';
import type { Row } from './report.ts';
import { type ApiServer, startApiServer } from './scale/api-server.ts';
import { admissionsOf, dispatchedOf, quantileOf, since } from './scale/figures.ts';
import { configure, FLOW, install } from './scale/install.ts';
import { createAll, createEvenly } from './scale/load.ts';
import { type Item, itemsBetween, NAMESPACES, podAt, type Size } from './scale/objects.ts';
import { spread } from './statistics.ts';
import { range, ratio, table } from './table.ts';
import { startWebhook } from './webhook/servers.ts';

const ROUNDS = 3;

/** Pods are created for so many seconds in each round, after some that warm the webhook up and do not count. */
const SECONDS = 20;
const WARM_UP_SECONDS = 5;
const PER_SECOND = 100;

/** The first row is the floor: as good as nothing is there. */
const SIZES: readonly Size[] = [
  { accounts: 20, classes: 20, nodes: 1 },
  { accounts: 10_000, classes: 2_500, nodes: 2_500 },
  { accounts: 20_000, classes: 5_000, nodes: 5_000 },
];

/** Uses a folder and two processes that nobody else uses, and removes them at the end. */
export async function benchScale({ record }: BenchOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  try {
    const rows = await rowsIn(folder);
    record('scale', rows);
    return describe(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rowsIn(folder: string): Promise<Row[]> {
  const authority = await issueAuthority(new Date(), POLICY);
  const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);
  const ca = authority.cert;
  writeFileSync(join(folder, 'tls.crt'), pair.cert);
  writeFileSync(join(folder, 'tls.key'), pair.key);
  const api = await startApiServer(folder, pair, ca);
  try {
    await install(api.client, NAMESPACES);
    const rows: Row[] = [];
    let before: Size = { accounts: 0, classes: 0, nodes: 0 };
    for (const size of SIZES) {
      const items = itemsBetween(before, size);
      say(`creating ${items.length} objects`);
      await createAll(api.client, items);
      before = size;
      const measured: Measured[] = [];
      for (let round = 0; round < ROUNDS; round++) measured.push(await measure(api, { folder, ca, size }));
      rows.push(rowOf(size, measured));
    }
    return rows;
  } finally {
    await api.close();
  }
}

type Round = { readonly folder: string; readonly ca: string; readonly size: Size };

/** Has the figures of a round by their names. */
type Measured = Readonly<Record<string, number>>;

/** Starts the webhook anew, and then creates pods. */
async function measure(api: ApiServer, { folder, ca, size }: Round): Promise<Measured> {
  const requestsBefore = dispatchedOf(await api.metrics(), FLOW);
  const webhook = await startWebhook(folder, api.kubeConfig);
  try {
    const [idle, cpuReady] = [memoryOf(webhook.pid).now ?? Number.NaN, cpuOf(webhook.pid)];
    const requestsReady = dispatchedOf(await api.metrics(), FLOW);
    await configure(api.client, webhook.port, ca);
    await injecting(api, size);
    say('creating pods');
    await createEvenly(api.client, podsFor(WARM_UP_SECONDS, size), PER_SECOND);
    const [before, cpuBefore] = [admissionsOf(await api.metrics()), cpuOf(webhook.pid)];
    const pods = podsFor(SECONDS, size);
    await createEvenly(api.client, pods, PER_SECOND);
    const cpu = cpuOf(webhook.pid) - cpuBefore;
    const text = await api.metrics();
    const answers = since(before, admissionsOf(text));
    const asked = answers.get(Infinity) ?? 0;
    if (asked < pods.length) throw new Error(`the webhook was asked ${asked} times for ${pods.length} pods`);
    const { now = Number.NaN, peak = Number.NaN } = memoryOf(webhook.pid);
    return {
      'ready s': webhook.startup / 1000,
      'CPU s until ready': cpuReady / 1000,
      'CPU ms per pod': cpu / pods.length,
      'MiB when ready': idle,
      'MiB after the pods': now,
      'MiB at most': peak,
      'requests until ready': requestsReady - requestsBefore,
      'requests for all pods': dispatchedOf(text, FLOW) - requestsReady,
      'p50 ms': quantileOf(answers, 0.5) * 1000,
      'p99 ms': quantileOf(answers, 0.99) * 1000,
    };
  } finally {
    await webhook.close();
  }
}

function podsFor(seconds: number, size: Size): Item[] {
  return Array.from({ length: PER_SECOND * seconds }, (_, index) => podAt(size, index));
}

/** Waits until the API server asks this webhook: it learns of a changed configuration a moment later. */
async function injecting({ client }: ApiServer, size: Size): Promise<void> {
  const { list, body } = podAt(size, 0);
  await until('a pod to be injected', 30, async () => {
    const { spec } = await client.create<V1Pod>(list, body, { dryRun: 'All' });
    return spec?.initContainers?.length;
  });
}

function rowOf({ accounts, classes, nodes }: Size, measured: readonly Measured[]): Row {
  const names = Object.keys(measured[0] ?? {});
  return {
    name: `${accounts} accounts, ${classes} classes, ${nodes} nodes`,
    figures: Object.fromEntries(names.map((name) => [name, spread(measured.map((one) => one[name] ?? Number.NaN))])),
  };
}

/** Returns all figures, and how each of the last row compares with the same one of half the size. */
function describe(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]?.figures ?? {});
  const lines = rows.map(({ name, figures }) => [name, ...names.map((one) => range(figures[one] ?? spread([]), 1))]);
  const [half, whole] = rows.slice(-2);
  const growth = names.map((one) => {
    const [least, most] = [half, whole].map((row) => row?.figures[one]?.median ?? Number.NaN);
    return least ? ratio(most ?? Number.NaN, least) : '';
  });
  return [
    `scale: minimum / median / maximum of ${ROUNDS} starts of one replica, each with ${PER_SECOND} pods a second for ${SECONDS} s, half of which take over a`,
    "class. The quantiles are of the API server's histogram of the webhook's answers",
    table(['', ...names], [...lines, ['twice as much of everything', ...growth]]),
    '',
  ].join('\n');
}

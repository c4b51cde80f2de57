/** Runs `bench fetch`: the compiled injector, cold, with a web identity, beside the least that its runtime can do. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigObject } from '../../injector/contract/config.ts';
import { encodeConfig } from '../../injector/contract/encode.ts';
import { CONFIG_ENV, POD_NAME_ENV } from '../../injector/contract/names.ts';
import { type FarAws, LATENCY, NAMESPACE, REGION, ROLE, ROUND_TRIP, startFarAws } from './far-aws.ts';
import { compileFloor } from './floors/compile.ts';
import type { BenchOptions } from './options.ts';
import { type Program, peakOf, type Times, timesOf } from './process.ts';
import { spread } from './statistics.ts';
import { range, ratio, table } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const BINARY = join(ROOT, 'dist/aws-secrets-injector');
const DOCKERFILE = join(ROOT, 'Dockerfile.injector');

/** Linux's own volume in memory is used, because a pod's secrets are never on a disk, where each file takes time. */
const MEMORY = '/dev/shm';

/** Numbers of secrets and parameters, and whether secrets are asked for together. */
const ROWS: readonly (readonly [number, number, true?])[] = [
  [1, 0],
  [5, 0],
  [20, 0],
  [50, 0],
  [100, 0],
  [20, 0, true],
  [50, 0, true],
  [0, 1],
  [0, 50],
  [5, 5],
];

type Row = {
  readonly name: string;
  readonly program: Program;
  readonly times: Times[];
  readonly peak?: number;
  readonly calls?: number;
  readonly connections?: number;
};

/** Rows take turns, so that all of them meet the same moods of the machine. */
export async function benchFetch({ runs, record }: BenchOptions): Promise<string> {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'aws-secrets-injector-bench-'));
  const aws = await startFarAws(folder, 100);
  try {
    const floors = compileFloors(folder, aws);
    const rows = await Promise.all([...floors, ...ROWS.map((counts) => injectorRow(folder, aws, counts))]);
    const counted: Row[] = [];
    for (const row of rows) counted.push(await countOf(row, aws));
    for (let run = 0; run < runs; run++) for (const { program, times } of rows) times.push(await timesOf(program));
    record(
      'fetch',
      counted.map(({ name, times }) => ({
        name,
        figures: { 'wall ms': spread(times.map(({ wall }) => wall)), 'CPU ms': spread(times.map(({ cpu }) => cpu)) },
      })),
    );
    return describe(counted);
  } finally {
    aws.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function compileFloors(folder: string, { url }: FarAws): Row[] {
  const [empty, minimal] = ['empty', 'minimal'].map((name) => compileFloor(name, join(folder, name)));
  const [ca, token] = [join(folder, 'ca.pem'), join(folder, 'token')];
  const args = [new URL(url).port, ca, token, ROLE, REGION];
  return [
    { name: 'floor: empty program', program: { command: empty ?? '' }, times: [] },
    { name: 'floor: STS and one call', program: { command: minimal ?? '', args }, times: [] },
    { name: 'floor: STS and fifty calls', program: { command: minimal ?? '', args: [...args, '50'] }, times: [] },
  ];
}

function injectorRow(folder: string, aws: FarAws, [secrets, parameters, batch]: (typeof ROWS)[number]): Row {
  const root = join(folder, `${secrets}-${parameters}${batch ? '-batch' : ''}`);
  mkdirSync(join(root, 'secrets'), { recursive: true });
  for (const directory of [root, folder]) writeFileSync(join(directory, 'token'), aws.token);
  const objects = (service: ConfigObject['service'], count: number, prefix: string): ConfigObject[] =>
    Array.from({ length: count }, (_, index) => ({
      service,
      name: `${prefix}${index}`,
      files: [{ path: `${service}-${index}`, mode: '0644' }],
    }));
  const config = encodeConfig({
    version: 1,
    namespace: NAMESPACE,
    region: REGION,
    identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: '/token' },
    directory: '/secrets',
    objects: [...objects('secretsmanager', secrets, 'bench/'), ...objects('ssm', parameters, '/bench/')],
    batch,
    retryTimeoutSeconds: 30,
    aws: { endpointUrl: aws.url, caBundle: readFileSync(join(folder, 'ca.pem'), 'utf8') },
    log: { level: 'info' },
  });
  const own = { [CONFIG_ENV]: config, [POD_NAME_ENV]: 'bench' };
  const env = { ...environmentOf(readFileSync(DOCKERFILE, 'utf8')), ...own };
  const name = [secrets && `${secrets} secrets${batch ? ' together' : ''}`, parameters && `${parameters} parameters`]
    .filter(Boolean)
    .join(', ');
  return { name, program: { command: BINARY, args: ['--root', root], env }, times: [] };
}

/** Returns the variables that the image sets. */
function environmentOf(dockerfile: string): Record<string, string> {
  return Object.fromEntries([...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
}

/** The run that is not timed. */
async function countOf(row: Row, aws: FarAws): Promise<Row> {
  const before = aws.counts();
  const peak = await peakOf(row.program);
  await sleep(50);
  const after = aws.counts();
  return { ...row, peak, calls: after.calls - before.calls, connections: after.connections - before.connections };
}

function describe(rows: readonly Row[]): string {
  const walls = rows.map(({ times }) => spread(times.map(({ wall }) => wall)));
  const floor = walls[1]?.median ?? Number.NaN;
  const head = ['', 'wall ms', '× floor', 'CPU ms', 'peak MiB', 'calls', 'connections'];
  const lines = rows.map(({ name, times, peak = 0, calls, connections }, index) => {
    const wall = walls[index] ?? spread([]);
    const cpu = range(spread(times.map((time) => time.cpu)));
    return [name, range(wall), ratio(wall.median, floor), cpu, peak.toFixed(0), `${calls}`, `${connections}`];
  });
  const waits = LATENCY.sts + LATENCY.secretsmanager + 4 * ROUND_TRIP;
  return [
    `fetch: minimum / median / maximum; STS answers in ${LATENCY.sts} ms, a call in ${LATENCY.secretsmanager} ms, a round trip takes`,
    `${ROUND_TRIP} ms (a relay in user space): ${waits} ms of waiting at least, with every connection opened in time`,
    table(head, lines),
    '',
  ].join('\n');
}

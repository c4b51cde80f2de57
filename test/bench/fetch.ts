/** `bench fetch`: the compiled injector, cold, against the in-memory AWS. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_ENV, encodeConfig, POD_NAME_ENV } from '../../injector/config.ts';
import { REGION, ROLE, startWorld } from '../demo/world.ts';
import type { BenchOptions } from './main.ts';
import { type Program, peakOf, timesOf } from './process.ts';
import { spread } from './statistics.ts';
import { range, ratio, table } from './table.ts';

const BINARY = join(import.meta.dirname, '../../dist/aws-secrets-injector');

export async function benchFetch({ runs }: BenchOptions): Promise<string> {
  const { aws, token } = await startWorld();
  const root = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  mkdirSync(join(root, 'token'));
  mkdirSync(join(root, 'secrets'));
  writeFileSync(join(root, 'token/token'), token());
  const row = (count: number): { name: string; program: Program } => {
    const names = Array.from({ length: count }, (_, index) => `bench/${index}`);
    for (const name of names) aws.setSecret({ name, value: name.repeat(100) });
    const config = encodeConfig({
      version: 1,
      namespace: 'demo',
      region: REGION,
      identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: '/token/token' },
      directory: '/secrets',
      objects: names.map((name) => ({ service: 'secretsmanager', name, files: [{ path: name, mode: '0644' }] })),
      retryTimeoutSeconds: 30,
      aws: { endpointUrl: aws.url },
      log: { level: 'info', format: 'json' },
    });
    const env = { [CONFIG_ENV]: config, [POD_NAME_ENV]: 'bench' };
    return { name: `${count} secrets`, program: { command: BINARY, args: ['--root', root], env } };
  };
  const floor = { name: 'floor: --version', program: { command: BINARY, args: ['--version'] } };
  try {
    const rows = [];
    for (const { name, program } of [floor, ...[1, 5, 20, 50].map(row)]) {
      const times = [];
      for (let run = 0; run <= runs; run++) times.push(await timesOf(program));
      const [wall, cpu] = [times.slice(1).map((time) => time.wall), times.slice(1).map((time) => time.cpu)];
      rows.push({ name, wall: spread(wall), cpu: spread(cpu), peak: await peakOf(program) });
    }
    const base = rows[0]?.wall.median ?? Number.NaN;
    return table(
      ['', 'wall ms', '× floor', 'CPU ms', 'peak MiB'],
      rows.map(({ name, wall, cpu, peak }) => [
        name,
        range(wall),
        ratio(wall.median, base),
        range(cpu),
        peak.toFixed(0),
      ]),
    );
  } finally {
    await aws.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** `npm run bench`: the compiled injector, cold, next to a floor that is measured in the same run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONFIG_ENV, encodeConfig, type InjectorConfig, POD_NAME_ENV } from '../../injector/config.ts';
import { REGION, ROLE, startWorld } from '../demo/world.ts';
import { spread, wallTime } from './process.ts';

const USAGE = `Times the compiled injector, cold, against the in-memory AWS; the floor is the same program doing nothing (--version).

npm run bench -- [--runs N]   counted runs of each row, after one that is not (default 9)
`;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '9' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const binary = new URL('../../dist/aws-secrets-injector', import.meta.url).pathname;
const world = await startWorld();
const root = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
mkdirSync(join(root, 'token'));
mkdirSync(join(root, 'secrets'));
writeFileSync(join(root, 'token/token'), world.token());

function configOf(count: number): InjectorConfig {
  const names = Array.from({ length: count }, (_, index) => `bench/${index}`);
  for (const name of names) world.aws.setSecret({ name, value: name.repeat(100) });
  return {
    version: 1,
    namespace: 'demo',
    region: REGION,
    identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: '/token/token' },
    directory: '/secrets',
    objects: names.map((name) => ({ service: 'secretsmanager', name, files: [{ path: name, mode: '0644' }] })),
    retryTimeoutSeconds: 30,
    aws: { endpointUrl: world.aws.url },
    log: { level: 'info', format: 'json' },
  };
}

type Row = { name: string; args: string[]; env: Record<string, string>; times: number[] };
const row = (count: number): Row => ({
  name: `${count} secrets`,
  args: ['--root', root],
  env: { [CONFIG_ENV]: encodeConfig(configOf(count)), [POD_NAME_ENV]: 'bench' },
  times: [],
});

try {
  const floor: Row = { name: 'floor: --version', args: ['--version'], env: {}, times: [] };
  const rows = [floor, ...[1, 5, 20, 50].map(row)];
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const { args, env, times } of rows) {
      const time = await wallTime(binary, args, env);
      if (run > 0) times.push(time);
    }
  }
  const base = spread(floor.times).median;
  for (const { name, times } of rows) {
    const { min, median, max } = spread(times);
    const cells = [min, median, max].map((value) => `${value.toFixed(0).padStart(5)} ms`);
    process.stdout.write(`${name.padEnd(18)} ${cells.join(' ')}   ${(median / base).toFixed(2)} × floor\n`);
  }
} finally {
  await world.aws.close();
  rmSync(root, { recursive: true, force: true });
}

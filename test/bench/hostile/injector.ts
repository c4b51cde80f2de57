/** The compiled injector against an AWS whose answers have no end, or are far larger when they are unpacked. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { CONFIG_ENV, POD_NAME_ENV } from '../../../injector/contract/names.ts';
import { memoryOf } from '../process.ts';
import { table } from '../table.ts';
import { type HostileAws, startHostileAws, TRICKS, type Trick } from './aws.ts';

const BINARY = join(import.meta.dirname, '../../../dist/aws-secrets-injector');

/** The bench ends a run of the injector beyond these milliseconds and MiB. */
const LIMITS = { ms: 10_000, memory: 700 };

/** Runs the injector once for each hostile answer whose name contains `only`, and returns what happened. */
export async function injectorTable(folder: string, only: string): Promise<string> {
  const tricks = TRICKS.filter((trick) => `the injector: ${trick}`.includes(only));
  const rows: string[][] = [];
  for (const trick of tricks) {
    const aws = await startHostileAws(trick);
    rows.push(await runOf(trick, aws, join(folder, 'injector')));
    aws.close();
  }
  return rows.length > 0
    ? `\n${table(['the injector', 'ms', 'peak MiB', 'exit code', 'MiB sent', 'lines'], rows)}`
    : '';
}

async function runOf(trick: Trick, aws: HostileAws, root: string): Promise<string[]> {
  mkdirSync(join(root, 'secrets'), { recursive: true });
  writeFileSync(join(root, 'token'), 'token');
  const config = encodeConfig({
    ...{ version: 1, namespace: 'shop', region: 'eu-west-1', directory: '/secrets', retryTimeoutSeconds: 5 },
    identity: { kind: 'web-identity', roleArn: 'arn:aws:iam::123456789012:role/a', tokenFile: '/token' },
    objects: [
      { service: 'secretsmanager', name: 'a', files: [{ path: 'a', mode: '0444' }] },
      { service: 'ssm', name: '/a', files: [{ path: 'b', mode: '0444' }] },
    ],
    aws: { endpointUrl: aws.url },
    log: { level: 'info' },
  });
  const started = performance.now();
  const env = { [CONFIG_ENV]: config, [POD_NAME_ENV]: 'bench' };
  const child = spawn(BINARY, ['--root', root], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  let lines = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (lines += `${chunk}`.split('\n').length - 1));
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peak = memoryOf(child.pid ?? 0).peak ?? peak;
    if (performance.now() - started > LIMITS.ms || peak > LIMITS.memory) child.kill('SIGKILL');
    await sleep(5);
  }
  await exit;
  const ms = performance.now() - started;
  const isBad = child.exitCode === null;
  return [
    `${isBad ? '* ' : ''}${trick}`,
    ms.toFixed(0),
    peak.toFixed(0),
    isBad ? 'ended by the bench' : `${child.exitCode}`,
    (aws.sent() / 2 ** 20).toFixed(1),
    `${lines}`,
  ];
}

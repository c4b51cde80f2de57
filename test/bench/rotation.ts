/** Runs `bench rotation`: the memory of the compiled injector over very many looks at AWS, over TLS, as fast as it can. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeConfig } from '../../injector/contract/encode.ts';
import { CONFIG_ENV } from '../../injector/contract/names.ts';
import { STATE_DIRECTORY } from '../../injector/contract/rotation.ts';
import { ask } from '../../injector/rotation/control.ts';
import { createIssuer, serviceAccountToken } from '../aws/issuer.ts';
import { type Aws, startAws } from '../aws/server.ts';
import { NAMESPACE, REGION, ROLE } from './far-aws.ts';
import type { BenchOptions } from './options.ts';
import { cpuOf, memoryOf } from './process.ts';
import { table } from './table.ts';

const BINARY = join(import.meta.dirname, '../../dist/aws-secrets-injector');

/** Linux's own volume in memory, as in a pod. Its path is short, as a socket's must be. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const SECRETS = 5;

/** The number of looks, and with --long. */
const LOOKS = 1_000;
const MANY_LOOKS = 10_000;

/** One look of so many finds a change. */
const CHANGE_EVERY = 10;

/** The environments that are compared. */
const ROWS: readonly (readonly [name: string, env: Record<string, string>])[] = [
  ['as in a pod: BUN_JSC_useJIT=0', { BUN_JSC_useJIT: '0' }],
  ['with the JIT', {}],
];

/** Soaks each row for itself. The memory must be flat: what grows with the looks would end a pod after weeks. */
export async function benchRotation({ long, only }: BenchOptions): Promise<string> {
  const looks = long ? MANY_LOOKS : LOOKS;
  const rows: string[][] = [];
  for (const [name, env] of ROWS.filter(([name]) => name.includes(only)))
    rows.push([name, ...(await soak(env, looks))]);
  const at = [1, 10, 2, 1].map((part, index) => (index === 0 ? 'after 1' : `${looks / part}`));
  return [
    `rotation: ${SECRETS} secrets and STS over TLS, ${looks} looks without a pause, a change in every ${CHANGE_EVERY}th; MiB resident`,
    table(['', ...at, 'peak', 'ms a look', 'CPU ms a look'], rows),
    '',
  ].join('\n');
}

async function soak(env: Record<string, string>, looks: number): Promise<string[]> {
  const root = mkdtempSync(join(MEMORY, 'asi-rotation-'));
  const aws = await startAws({ tls: true, region: REGION });
  try {
    const program = spawn(BINARY, ['--root', root], { env: { ...env, ...prepare(root, aws) }, stdio: 'ignore' });
    const ended = once(program, 'exit');
    const figures = await measure(root, aws, { pid: program.pid ?? 0, looks });
    program.kill('SIGTERM');
    await ended;
    return figures;
  } finally {
    await aws.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes the pod's volumes and AWS's contents. Returns the environment of the program. */
function prepare(root: string, aws: Aws): Record<string, string> {
  const issuer = createIssuer();
  aws.addIssuer(issuer);
  const subjects = [`system:serviceaccount:${NAMESPACE}:bench`];
  const policy = [{ actions: ['*'], resources: ['*'] }];
  aws.addRole({ arn: ROLE, trust: [{ issuer: issuer.issuer, subjects }], policy });
  for (const folder of ['secrets', STATE_DIRECTORY]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'token'), serviceAccountToken(issuer, { namespace: NAMESPACE, serviceAccount: 'bench' }));
  const names = Array.from({ length: SECRETS }, (_, index) => `bench/${index}`);
  for (const name of names) aws.setSecret({ name, value: 'value '.repeat(100) });
  const config = encodeConfig({
    version: 1,
    namespace: NAMESPACE,
    region: REGION,
    identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: '/token' },
    directory: '/secrets',
    objects: names.map((name) => ({
      service: 'secretsmanager' as const,
      name,
      files: [{ path: name, mode: '0644' }],
    })),
    retryTimeoutSeconds: 30,
    rotation: { seconds: 3600 },
    aws: { endpointUrl: aws.url, ...(aws.certificate && { caBundle: aws.certificate }) },
    log: { level: 'info' },
  });
  return { [CONFIG_ENV]: config };
}

async function measure(root: string, aws: Aws, { pid, looks }: { pid: number; looks: number }): Promise<string[]> {
  while ((await ask(root, 'wait')) === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  const marks = new Set([1, looks / 10, looks / 2, looks]);
  const resident: number[] = [];
  const [began, cpu] = [performance.now(), cpuOf(pid)];
  for (let look = 1; look <= looks; look += 1) {
    if (look % CHANGE_EVERY === 0) aws.setSecret({ name: 'bench/0', value: `value ${look} `.repeat(100) });
    const answer = await ask(root, 'refresh');
    if (answer === undefined || !answer.includes('"exitCode":0')) throw new Error(`look ${look} failed: ${answer}`);
    aws.forget();
    if (marks.has(look)) resident.push(memoryOf(pid).now ?? 0);
  }
  const value = readFileSync(join(root, 'secrets/bench/0'), 'utf8');
  if (!value.startsWith(`value ${looks} `)) throw new Error('the last change is not in its file');
  const each = (total: number) => (total / looks).toFixed(1);
  const times = [each(performance.now() - began), each(cpuOf(pid) - cpu)];
  return [...resident, memoryOf(pid).peak ?? 0].map((mebibytes) => mebibytes.toFixed(1)).concat(times);
}

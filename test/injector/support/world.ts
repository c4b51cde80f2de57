/** Makes a world for the injector: an in-memory AWS with one role, a token file, and a volume. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { CONFIG_ENV, POD_NAME_ENV } from '../../../injector/contract/names.ts';
import { type Outcome, run } from '../../../injector/run.ts';
import type { Cluster } from '../../../injector/sync/sync.ts';
import { createIssuer, serviceAccountToken } from '../../aws/issuer.ts';
import { type Aws, type AwsOptions, type Statement, startAws } from '../../aws/server.ts';
import { memoryOf } from '../../bench/process.ts';
import './bun-fetch.ts';
import { createClock, type Happening } from './clock.ts';

/** Compiled by `npm run build:injector`, which `npm test` does first. */
export const BINARY = join(import.meta.dirname, '../../../dist/aws-secrets-injector');

export const ROLE = 'arn:aws:iam::123456789012:role/app1';
const VOLUME = '/run/aws-secrets-injector/secrets';
const TOKEN = '/run/aws-secrets-injector/token/token';
const POD_TOKEN = '/run/aws-secrets-injector/token/pod-identity';

export type World = {
  aws: Aws;
  root: string;
  /** Returns the paths of the files in the volume. */
  files(): string[];
  read(path: string): string;
  bytes(path: string): Uint8Array;
  config(objects: InjectorConfig['objects'], more?: Partial<InjectorConfig>): InjectorConfig;
  /** Returns the identity for a configuration, with the agent's own address unless others are given. */
  podIdentity(addresses?: string[]): InjectorConfig['identity'];
  /** Runs the pipeline in this process, on a clock that a sleep moves at once. */
  run(config: InjectorConfig, happenings?: readonly Happening[], cluster?: Cluster): Promise<Run>;
  /** Starts the compiled program. */
  spawn(config: InjectorConfig | undefined, options?: SpawnOptions): Process;
};

/** Is the outcome. `elapsed` is in milliseconds of the run's own clock. */
export type Run = Outcome & { log: string; elapsed: number };

type SpawnOptions = { env?: Record<string, string>; cwd?: string; args?: string[] };

type Finished = { exitCode: number | null; output: string; message: string };

type Process = {
  finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
  output(): string;
  /** Returns the largest resident memory in MiB that was seen, or 0 if the program ended before anybody looked. */
  peak(): number;
};

const EVERYTHING: Statement[] = [{ actions: ['*'], resources: ['*'] }];

export async function createWorld(t: Test, policy: Statement[] = EVERYTHING, options: AwsOptions = {}): Promise<World> {
  const aws = await startAws(options);
  t.teardown(aws.close);
  const issuer = createIssuer({ algorithm: 'ES256' });
  aws.addIssuer(issuer);
  const subjects = ['system:serviceaccount:shop:app1'];
  aws.addRole({ arn: ROLE, trust: [{ issuer: issuer.issuer, subjects }], trustsPodIdentity: true, policy });
  aws.associate({ namespace: 'shop', serviceAccount: 'app1', roleArn: ROLE });
  const root = t.testdir({});
  mkdirSync(join(root, VOLUME), { recursive: true });
  mkdirSync(join(root, dirname(TOKEN)), { recursive: true });
  const account = { namespace: 'shop', serviceAccount: 'app1' };
  const audiences = ['pods.eks.amazonaws.com'];
  writeFileSync(join(root, TOKEN), serviceAccountToken(issuer, account));
  writeFileSync(join(root, POD_TOKEN), serviceAccountToken(issuer, { ...account, audiences, pod: 'app1-7d9-x2x' }));
  return {
    aws,
    root,
    files: () => readdirSync(join(root, VOLUME), { recursive: true }).map(String).sort(),
    read: (path) => readFileSync(join(root, VOLUME, path), 'utf8'),
    bytes: (path) => readFileSync(join(root, VOLUME, path)),
    config: (objects, more = {}) => ({ ...configFor(aws), objects, ...more }),
    podIdentity: (addresses = [aws.podIdentityUrl ?? '']) => ({
      kind: 'pod-identity',
      tokenFile: POD_TOKEN,
      addresses,
    }),
    run: (config, happenings = [], cluster = undefined) => runHere(root, config, happenings, cluster),
    spawn: (config, spawnOptions) => spawnBinary(root, config, spawnOptions),
  };
}

function configFor(aws: Aws): InjectorConfig {
  return {
    version: 1,
    namespace: 'shop',
    region: 'eu-west-1',
    identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: TOKEN },
    directory: VOLUME,
    objects: [],
    retryTimeoutSeconds: 30,
    aws: { endpointUrl: aws.url },
    log: { level: 'debug' },
  };
}

async function runHere(
  root: string,
  config: InjectorConfig,
  happenings: readonly Happening[],
  cluster: Cluster | undefined,
): Promise<Run> {
  const clock = createClock(happenings);
  let log = '';
  const write = (line: string) => {
    log += line;
  };
  const configText = encodeConfig(config);
  const outcome = await run({
    configText,
    podName: 'app1-7d9-x2x',
    root,
    clock,
    write,
    ...(cluster && { cluster }),
  });
  return { ...outcome, log, elapsed: clock.elapsed() };
}

function spawnBinary(root: string, config: InjectorConfig | undefined, options: SpawnOptions = {}): Process {
  const env = {
    ...(config === undefined ? {} : { [CONFIG_ENV]: encodeConfig(config) }),
    [POD_NAME_ENV]: 'app1-7d9-x2x',
    ...options.env,
  };
  const child = spawn(BINARY, [...(options.args ?? []), '--root', root], {
    env,
    cwd: options.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  let peak = 0;
  const look = () => {
    peak = memoryOf(child.pid ?? 0).peak ?? peak;
  };
  // Some runs end within 50 ms.
  look();
  const looking = setInterval(look, 10);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearInterval(looking);
      resolve({ exitCode, output, message: terminationMessage(root) });
    });
  });
  return { finished, kill: (signal) => child.kill(signal), output: () => output, peak: () => peak };
}

function terminationMessage(root: string): string {
  try {
    return readFileSync(join(root, 'dev/termination-log'), 'utf8');
  } catch {
    return '';
  }
}

/** Returns a secret of that name as a file of that name. */
export function secret(name: string, more: Partial<ConfigObject> = {}): ConfigObject {
  return { service: 'secretsmanager', name, files: [{ path: name.replaceAll('/', '_'), mode: '0444' }], ...more };
}

/** Returns a parameter of that name as a file. */
export function parameter(name: string, path: string, more: Partial<ConfigObject> = {}): ConfigObject {
  return { service: 'ssm', name, files: [{ path, mode: '0444' }], ...more };
}

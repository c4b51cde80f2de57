/** A developer with credentials in the environment, and the built command line as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Statement } from '../../aws/server.ts';
import { type Aws, type AwsOptions, startAws } from '../../aws/server.ts';

const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };

const ARN = 'arn:aws:iam::123456789012:user/dev';

type Finished = { readonly code: number | null; readonly out: string; readonly err: string };

type Started = {
  readonly child: ChildProcess;
  /** Resolves as soon as standard output has the text. */
  readonly printed: (text: string) => Promise<void>;
  readonly finished: Promise<Finished>;
};

export type Developer = {
  readonly aws: Aws;
  /** The variables in which the SDK finds the developer and the AWS. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the program in test/fixtures/cli/exec. `more` are further variables of its environment; `compiled` is its file. */
  readonly start: (args: readonly string[], more?: Record<string, string>, compiled?: string) => Started;
  readonly run: (args: readonly string[], more?: Record<string, string>) => Promise<Finished>;
};

type Test = { teardown(stop: () => Promise<void>): void };

/** Starts an AWS that knows a developer, who may do everything unless a policy is given. */
export async function startDeveloper(t: Test, policy?: Statement[], options: AwsOptions = {}): Promise<Developer> {
  const aws = await startAws(options);
  t.teardown(aws.close);
  aws.addUser({ arn: ARN, ...KEY, policy: policy ?? [{ actions: ['*'], resources: ['*'] }] });
  const environment = {
    PATH: process.env['PATH'] ?? '',
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const start: Developer['start'] = (args, more, compiled) => startProgram(args, { ...environment, ...more }, compiled);
  return { aws, environment, start, run: (args, more) => start(args, more).finished };
}

function startProgram(args: readonly string[], env: Record<string, string>, compiled?: string): Started {
  const [file, first] = compiled === undefined ? [process.execPath, [resolve('dist/cli.mjs')]] : [compiled, []];
  const child = spawn(file, [...first, ...args], {
    env,
    cwd: join(import.meta.dirname, '../../fixtures/cli/exec'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const printed = (text: string) =>
    new Promise<void>((done) => {
      const look = () => out.includes(text) && done();
      child.stdout.on('data', look);
      look();
    });
  const finished = new Promise<Finished>((done) => child.on('close', (code) => done({ code, out, err })));
  return { child, printed, finished };
}

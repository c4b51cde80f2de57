/** Runs the command line in a folder of test/fixtures/cli, as a user would, and returns what it printed. */
import { join } from 'node:path';
import { chdir, cwd } from 'node:process';
import type { KubeConfig } from '@kubernetes/client-node';
import { clusterOf } from '../../../cli/cluster/connect.ts';
import { inputsOf, writeText } from '../../../cli/files/inputs.ts';
import { PROGRAM, runProgram } from '../../../cli/program.ts';
import type { Shell } from '../../../cli/shell.ts';

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Describes the surroundings of the program. */
type Around = {
  /** The text at standard input. */
  readonly input?: string;
  /** The user's kubeconfig. */
  readonly kubeConfig?: KubeConfig;
  /** The answer of AWS about the issuer of the cluster. */
  readonly provider?: Shell['provider'];
  /** The time, which goes on by what the program waits. */
  readonly now?: Date;
  /** Is called for each wait. */
  readonly onPause?: () => void;
};

/** Runs the program in the folder `folder` of test/fixtures/cli. */
export async function runIn(folder: string, args: readonly string[], around: string | Around = ''): Promise<Ran> {
  const {
    input = '',
    kubeConfig,
    provider = noProvider,
    now = new Date(),
    onPause,
  } = typeof around === 'string' ? { input: around } : around;
  let time = now.getTime();
  let rest = input;
  /** Has the text once, as a pipe has. */
  const standardInput = () => {
    const text = rest;
    rest = '';
    return { name: '-', read: () => text };
  };
  const [out, err]: [string[], string[]] = [[], []];
  const before = cwd();
  chdir(join(import.meta.dirname, '../../fixtures/cli', folder));
  try {
    const code = await runProgram(args, PROGRAM, {
      inputs: (names) => names.flatMap((name) => (name === '-' ? [standardInput()] : inputsOf([name]))),
      cluster: async (options) => {
        if (!kubeConfig) throw new Error('this test has no cluster');
        return clusterOf(kubeConfig, options);
      },
      provider,
      out: (text) => out.push(typeof text === 'string' ? text : new TextDecoder().decode(text)),
      err: (text) => err.push(text),
      write: writeText,
      progress: () => {},
      now: () => new Date(time),
      pause: async (milliseconds) => {
        time += milliseconds;
        onPause?.();
      },
      colors: false,
      environment: process.env,
      isTerminal: false,
    });
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    chdir(before);
  }
}

async function noProvider(): ReturnType<Shell['provider']> {
  return { kind: 'unknown', why: 'There are no AWS credentials.' };
}

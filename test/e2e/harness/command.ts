import { type Outcome, run } from './run.ts';

/** Runs the command line, as a user does. */
export function command(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const variables = Object.entries({ AWS_EC2_METADATA_DISABLED: 'true', ...env }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return run('env', [...variables, process.execPath, 'cli/main.ts', ...args]);
}

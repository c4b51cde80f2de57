import { spawn } from 'node:child_process';

export type Outcome = { code: number; stdout: string; stderr: string };

/** Runs a program to its end, with a bound on its time. Never throws for an exit code. */
export function run(command: string, args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 300_000, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 137, stdout, stderr }));
    child.stdin.on('error', () => {}); // a program that does not read its input closes it
    child.stdin.end(input);
  });
}

/** Runs a program that has to succeed; returns what it printed. */
export async function must(command: string, args: readonly string[], input = ''): Promise<string> {
  const outcome = await run(command, args, input);
  if (outcome.code !== 0) {
    throw new Error(`${command} ${args.join(' ')}: exit code ${outcome.code}\n${outcome.stderr}${outcome.stdout}`);
  }
  return outcome.stdout;
}

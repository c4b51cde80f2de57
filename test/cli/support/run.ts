/** Runs the command line in a folder of test/fixtures/cli, as a user would, and returns what it printed. */
import { join } from 'node:path';
import { chdir, cwd } from 'node:process';
import { inputsOf, writeText } from '../../../cli/files/inputs.ts';
import { PROGRAM, runProgram } from '../../../cli/program.ts';

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the program in the folder `folder` of test/fixtures/cli. `input` is what it finds at standard input. */
export async function runIn(folder: string, args: readonly string[], input = ''): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = cwd();
  chdir(join(import.meta.dirname, '../../fixtures/cli', folder));
  try {
    const code = await runProgram(args, PROGRAM, {
      inputs: (names) => names.flatMap((name) => (name === '-' ? [{ name, read: () => input }] : inputsOf([name]))),
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      write: writeText,
      progress: () => {},
      colors: false,
    });
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    chdir(before);
  }
}

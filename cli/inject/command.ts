/** Runs `inject`: reads the files, injects their pods, and prints or writes them if nothing stopped it. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { EXIT, type Run, type Shell, UsageError } from '../shell.ts';
import { injectText } from './inject.ts';

export type InjectOptions = ReadOptions & { readonly write?: boolean; readonly diff?: boolean };

type Result = { readonly name: string; readonly before: string; readonly after: string };

type All = { readonly results: Result[]; readonly problems: string[]; readonly unknown: Set<string> };

/** Exits with 1, and prints and writes nothing, if any pod could not be injected. */
export const run: Run<InjectOptions> = async (options, shell) => {
  if (options.write && options.file.includes('-')) {
    throw new UsageError('--write can not change standard input: leave it out.');
  }
  const { results, problems, unknown } = await injectAll(options, shell);
  for (const problem of problems) shell.err(`${problem}\n`);
  if (problems.length > 0) return EXIT.findings;
  for (const sentence of unknown) shell.err(`Note: ${sentence}\n`);
  deliver(results, options, shell);
  return EXIT.fine;
};

async function injectAll(options: InjectOptions, shell: Shell): Promise<All> {
  const inputs = shell.inputs(options.file);
  const world = readWorld(inputs, options, shell);
  const all: All = { results: [], problems: [], unknown: new Set() };
  for (const [index, { name, read }] of inputs.entries()) {
    shell.progress(`${index} of ${inputs.length} files injected`);
    const before = read();
    const { text, problems, unknown } = await injectText(name, before, world);
    all.results.push({ name, before, after: text });
    all.problems.push(...problems);
    for (const sentence of unknown) all.unknown.add(sentence);
  }
  return all;
}

function deliver(results: readonly Result[], { write, diff }: InjectOptions, shell: Shell): void {
  const changed = results.filter(({ before, after }) => after !== before);
  if (diff) for (const result of changed) shell.out(difference(result));
  if (write) for (const { name, after } of changed) shell.write(name, after);
  if (!diff && !write) shell.out(joined(results));
}

function difference({ name, before, after }: Result): string {
  return createTwoFilesPatch(name, name, before, after, '', '', { context: 3, headerOptions: FILE_HEADERS_ONLY });
}

/** Returns all files as one stream of documents. */
function joined(results: readonly Result[]): string {
  return results
    .map(({ after }, index) => {
      const text = after === '' || after.endsWith('\n') ? after : `${after}\n`;
      return index === 0 || text.startsWith('---') ? text : `---\n${text}`;
    })
    .join('');
}

/** Runs `inject`: reads the files, injects their pods, and prints or writes them if nothing stopped it. */
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { EXIT, type Run, type Shell } from '../shell.ts';
import { type Changed, checkDelivery, type Delivery, deliver } from './deliver.ts';
import { injectText } from './inject.ts';

export type InjectOptions = ReadOptions & Delivery;

type All = { readonly results: Changed[]; readonly problems: string[]; readonly unknown: Set<string> };

/** Exits with 1, and prints and writes nothing, if any pod could not be injected. */
export const run: Run<InjectOptions> = async (options, shell) => {
  checkDelivery(options);
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

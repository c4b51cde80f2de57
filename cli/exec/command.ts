/** Runs `exec`: gives a command on this machine the files and variables that a container of a pod would get. */
import { describe } from '../../injector/report.ts';
import { writeFiles } from '../../injector/write/write.ts';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { defaultRegion, findDeveloper } from '../aws/developer.ts';
import { resolve } from '../aws/resolve.ts';
import { EXIT, type Run, type Shell, UsageError } from '../shell.ts';
import { runCommand } from './child.ts';
import { type ChoiceOptions, type Chosen, choose } from './choose.ts';
import { type Received, receivedBy } from './container.ts';
import { createPrivateFolder, FOLDER_VARIABLE } from './folder.ts';

export type ExecOptions = ReadOptions & ChoiceOptions & { readonly arguments: readonly string[] };

/** Returns the exit code of the command, or 1 if the pod would be refused or AWS does not give what it declares. */
export const run: Run<ExecOptions> = async (options, shell) => {
  const inputs = shell.inputs(options.file);
  const world = readWorld(inputs, options, shell);
  const region = world.region ?? (await defaultRegion());
  const chosen = await choose(inputs, { ...world, region }, options);
  const received = chosen.ok ? await fetchFor(chosen, shell) : chosen.problems;
  if (!('files' in received)) {
    for (const problem of received) shell.err(`${problem}\n`);
    return EXIT.findings;
  }
  return await runWith(received, options.arguments, shell);
};

async function fetchFor(chosen: Extract<Chosen, { ok: true }>, shell: Shell): Promise<Received | readonly string[]> {
  const { config, container } = chosen;
  const developer = await findDeveloper(config.region);
  try {
    const resolved = await resolve(config, developer, (line) => shell.err(`Note: ${line}\n`));
    return resolved.ok ? receivedBy(container, config, resolved.rendered) : resolved.problems;
  } finally {
    developer.close();
  }
}

async function runWith({ files, variables }: Received, command: readonly string[], shell: Shell): Promise<number> {
  const { environment } = shell;
  let remove = () => {};
  const prepare = () => {
    if (files.length === 0) return { ...environment, ...variables };
    const folder = createPrivateFolder([environment['XDG_RUNTIME_DIR'], '/dev/shm']);
    remove = folder.remove;
    const [failure] = writeFiles(folder.path, files);
    if (failure) throw new UsageError(describe(failure));
    const where = folder.isInMemory ? 'in memory' : 'on the disk';
    shell.err(`The root of the pod's files is ${FOLDER_VARIABLE}=${folder.path}, ${where} until the command ends.\n`);
    return { ...environment, ...variables, [FOLDER_VARIABLE]: folder.path };
  };
  try {
    const { code, problem } = await runCommand(command, prepare, shell.isTerminal);
    if (problem !== undefined) shell.err(`${problem}\n`);
    return code;
  } finally {
    remove();
  }
}

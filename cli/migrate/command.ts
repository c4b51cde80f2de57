/** Runs `migrate`: reads the files, and prints or writes them as they are after the migration, with a report. */
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { type RoleOptions, rolesOf } from '../iam-policy/roles.ts';
import { deliver } from '../inject/deliver.ts';
import { EXIT, type Run, UsageError } from '../shell.ts';
import { migrate } from './migrate.ts';
import { asJson, asText, isWhole, type Output } from './report.ts';

export type MigrateOptions = ReadOptions &
  RoleOptions & {
    readonly output: Output;
    readonly write?: boolean;
    readonly diff?: boolean;
  };

/** Exits with 1 if an object stays as it is although it has to do with secrets, or something has to be done by hand. */
export const run: Run<MigrateOptions> = async (options, shell) => {
  if (options.write && options.file.includes('-')) {
    throw new UsageError('--write can not change standard input: leave it out.');
  }
  const inputs = shell.inputs(options.file);
  const world = readWorld(inputs, options, shell);
  const texts = inputs.map(({ name, read }) => ({ name, text: read() }));
  const others = shell.inputs(options.with ?? []).map(({ name, read }) => ({ name, text: read() }));
  const migration = await migrate(texts, others, world, (done) =>
    shell.progress(`${done} of ${texts.length} files migrated`),
  );
  const roles = rolesOf(migration.needs, options);
  if (options.output === 'json') {
    shell.out(asJson(migration, roles));
    if (options.write) deliver(migration.files, { write: true }, shell);
  } else {
    shell.err(asText(migration, roles));
    deliver(migration.files, options, shell);
  }
  return isWhole(migration) ? EXIT.fine : EXIT.findings;
};

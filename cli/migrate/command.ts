/** Runs `migrate`: reads the files, and prints or writes them as they are after the migration, with a report. */
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import type { Format } from '../formats.ts';
import { type RoleOptions, rolesOf } from '../iam-policy/roles.ts';
import { checkDelivery, type Delivery, deliver } from '../inject/deliver.ts';
import { EXIT, type Input, type Run, type Shell } from '../shell.ts';
import { migrate } from './migrate.ts';
import { asJson, asText, isWhole } from './report.ts';

export type MigrateOptions = ReadOptions & RoleOptions & Delivery & { readonly output: Format<'migrate'> };

/** Exits with 1 if an object stays as it is although it has to do with secrets, or something has to be done by hand. */
export const run: Run<MigrateOptions> = async (options, shell) => {
  checkDelivery(options);
  const texts = readAll(options.file, shell);
  const others = readAll(options.with ?? [], shell);
  const world = readWorld([...others, ...texts], { ...options, with: [] }, shell);
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

/** Reads each input once: standard input has its text only the first time. */
function readAll(names: readonly string[], shell: Shell): (Input & { readonly text: string })[] {
  return shell.inputs(names).map(({ name, read }) => {
    const text = read();
    return { name, text, read: () => text };
  });
}

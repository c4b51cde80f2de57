/**
 * `npm run policies -- FOLDER`: writes the policies that `iam-policy` prints for all fixtures, a file each. The workflow has a checker of
 * others read them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configsOf, rolesFor } from '../../test/cli/support/roles.ts';

const [folder = 'policies'] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
for (const [name, config] of await configsOf()) {
  for (const [index, { policy }] of rolesFor(config).entries()) {
    const file = `${name.replace(/\W+/g, '-')}-${index}.json`;
    writeFileSync(join(folder, file), `${JSON.stringify(policy, undefined, 2)}\n`);
  }
}

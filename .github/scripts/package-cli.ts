/**
 * `npm run package:cli`: makes the folder dist/npm, whose package is published. It has the bundled program alone: what this repository
 * depends on besides, such as the runtimes of the images, is nothing that a user of the command line needs.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OLDEST_NODE } from '../../cli/node-version.ts';
import manifest from '../../package.json' with { type: 'json' };

const FOLDER = 'dist/npm';

const { name, version, license, type } = manifest;

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
process.argv[2] = FOLDER;
await import('./bundle-cli.ts');
copyFileSync('LICENSE', join(FOLDER, 'LICENSE'));
copyFileSync('docs/command-line.md', join(FOLDER, 'README.md'));
writeFileSync(
  join(FOLDER, 'package.json'),
  `${JSON.stringify(
    {
      name,
      version,
      description: 'Checks, explains and changes manifests of pods that aws-secrets-injector gives AWS secrets to',
      license,
      type,
      repository: `github:${name}/${name}`,
      bin: { [name]: 'cli.mjs' },
      engines: { node: `>=${OLDEST_NODE}` },
    },
    undefined,
    2,
  )}\n`,
);

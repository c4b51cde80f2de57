/**
 * Bundles the command line for Node: `node .github/scripts/bundle-cli.ts [FOLDER]`, a part of `npm run build:cli`. Without a folder, the files
 * are put into dist/.
 */
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { build } from 'esbuild';
import { OLDEST_NODE } from '../../cli/node-version.ts';
import { withoutClientModels } from './client-models.ts';

const [folder = 'dist'] = argv.slice(2);

// The names of the parts change with their contents, so that older ones would stay.
for (const part of globSync('cli-*.mjs', { cwd: folder })) rmSync(join(folder, part));

await build({
  entryPoints: { cli: 'cli/main.ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: `node${OLDEST_NODE}`,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: folder,
  chunkNames: 'cli-[hash]',
  outExtension: { '.js': '.mjs' },
  // Packages in CommonJS ask for Node's own modules in their way.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [withoutClientModels],
  logLevel: 'info',
});

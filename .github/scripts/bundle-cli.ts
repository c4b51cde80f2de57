/** Bundles the command line into one file for Node, which is the `bin` of the package: a part of `npm run build:cli`. */
import { build } from 'esbuild';
import { withoutClientModels } from './client-models.ts';

await build({
  entryPoints: { cli: 'cli/main.ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: 'dist',
  chunkNames: 'cli-[hash]',
  outExtension: { '.js': '.mjs' },
  // Packages in CommonJS ask for Node's own modules in their way.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [withoutClientModels],
  logLevel: 'info',
});

/** Bundles the webhook and the certificates' command for their image: `npm run build:webhook`. */
import { build } from 'esbuild';
import { withoutClientModels } from './client-models.ts';

await build({
  entryPoints: { webhook: 'webhook/main.ts', certs: 'webhook/certificates/main.ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  // Packages in CommonJS ask for Node's own modules in their way.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [withoutClientModels],
  logLevel: 'info',
});

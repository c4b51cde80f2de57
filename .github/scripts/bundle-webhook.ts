/** Bundles the webhook and the certificates' command for their image, and compiles the webhook: `npm run build:webhook`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { withoutClientModels } from './client-models.ts';

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: 'dist',
  plugins: [withoutClientModels],
  logLevel: 'info',
};

// In CommonJS each gets from Node's own modules only what it uses, where an import would read all their exports, and load fetch for that.
await build({
  ...OPTIONS,
  entryPoints: { webhook: 'webhook/main.ts', 'webhook-large': 'webhook/server/large/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // The webhook names one module by its place: that of its thread for large reviews.
  define: { 'import.meta.resolve': 'resolveModule' },
  banner: {
    js: "const resolveModule=()=>require('node:url').pathToFileURL(require.resolve('./webhook-large.cjs')).href;",
  },
});

await build({
  ...OPTIONS,
  entryPoints: {
    webhook: 'webhook/start/main.ts',
    certs: 'webhook/certificates/main.ts',
    'compile-webhook': '.github/scripts/compile-webhook.ts',
  },
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // Packages in CommonJS ask for Node's own modules in their way.
  banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
});

const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile.webhook', 'utf8')) ?? [];
const options: string[] = JSON.parse(command).filter((word: string) => word.startsWith('--'));
execFileSync(process.execPath, [...options, 'dist/compile-webhook.mjs', 'dist/webhook.cache'], { stdio: 'inherit' });

/** Bundles the webhook and the certificates' command for their image: `npm run build:webhook`. */
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const CLIENT = /\/@kubernetes\/client-node\/dist(\/|$)/;

/**
 * Leaves out what nobody imports of the Kubernetes client: more than 700 generated classes, which cost a process 30 MiB. Their
 * modules only define things, which their package does not say.
 */
const withoutClientModels: Plugin = {
  name: 'without-client-models',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      CLIENT.test(resolveDir) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
  },
};

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

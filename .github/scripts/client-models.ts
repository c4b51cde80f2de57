/** Keeps the bundles that use the Kubernetes client small. */
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const CLIENT = /\/@kubernetes\/client-node\/dist(\/|$)/;

/** Has all that the client imports of undici. The build fails where a later version imports more. */
const NO_UNDICI = ['Agent', 'ProxyAgent', 'fetch']
  .map((name) => `export function ${name}() { throw new Error('undici is not in this bundle'); }`)
  .join('\n');

/**
 * Leaves out what nobody imports of the Kubernetes client: more than 700 generated classes, which cost a process 30 MiB. Their
 * modules only define things, which their package does not say. Leaves out undici as well, by which only those classes ask the API
 * server.
 */
export const withoutClientModels: Plugin = {
  name: 'without-client-models',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      CLIENT.test(resolveDir) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
    build.onResolve({ filter: /^undici$/ }, ({ path, resolveDir }) =>
      CLIENT.test(resolveDir) ? { path, namespace: 'left-out' } : undefined,
    );
    build.onLoad({ filter: /^undici$/, namespace: 'left-out' }, () => ({ contents: NO_UNDICI, loader: 'js' }));
  },
};

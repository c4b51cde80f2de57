/** Keeps the bundles that use the Kubernetes client small. */
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const CLIENT = /\/@kubernetes\/client-node\/dist(\/|$)/;

/**
 * Leaves out what nobody imports of the Kubernetes client: more than 700 generated classes, which cost a process 30 MiB. Their
 * modules only define things, which their package does not say.
 */
export const withoutClientModels: Plugin = {
  name: 'without-client-models',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      CLIENT.test(resolveDir) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
  },
};

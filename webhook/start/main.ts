/** Is what the image starts: it runs webhook.cjs, which `main.ts` is bundled into, with webhook.cache, where that is beside it. */
import { loadProgram } from './program.ts';

const { readFileSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');

const FILE = `${import.meta.dirname}/webhook.cjs`;
const CACHE = `${import.meta.dirname}/webhook.cache`;

loadProgram(FILE, readFileSync(FILE), readCache()).run(createRequire(FILE));

function readCache(): Buffer | undefined {
  try {
    return readFileSync(CACHE);
  } catch {
    return undefined;
  }
}

/** `npm run pin -- WEBHOOK INJECTOR`: writes the digests of a release's two images into the chart. `npm run manifests` is next. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHART } from '../../test/chart/support/helm.ts';
import { type Digests, pinAnnotation, pinValues } from './digests.ts';

const [webhook = '', injector = ''] = process.argv.slice(2);

async function rewrite(name: string, pin: (text: string, digests: Digests) => string): Promise<void> {
  const path = join(CHART, name);
  await writeFile(path, pin(await readFile(path, 'utf8'), { webhook, injector }));
}

await rewrite('values.yaml', pinValues);
await rewrite('Chart.yaml', pinAnnotation);

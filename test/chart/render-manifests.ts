/** `npm run manifests`: writes manifests/install.yaml from the chart. */
import { writeFile } from 'node:fs/promises';
import { INSTALL_MANIFEST, renderInstallManifest } from './install-manifest.ts';

await writeFile(INSTALL_MANIFEST, await renderInstallManifest());

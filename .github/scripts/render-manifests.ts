/** `npm run manifests`: writes what is made from the chart: manifests/install.yaml, and the tables of the chart's README. */
import { writeFile } from 'node:fs/promises';
import { CHART_README, renderChartReadme } from '../../docs/scripts/chart-readme.ts';
import { INSTALL_MANIFEST, renderInstallManifest } from './install-manifest.ts';

await writeFile(INSTALL_MANIFEST, await renderInstallManifest());
await writeFile(CHART_README, await renderChartReadme());

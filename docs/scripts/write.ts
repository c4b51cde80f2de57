/** `npm run docs`: writes the generated parts of README.md and of the pages in docs/, and the plot of performance. */
import { writeFileSync } from 'node:fs';
import { PLOT, readPages, renderPages, renderPerformance } from './pages.ts';

for (const [path, text] of await renderPages(readPages())) writeFileSync(path, text);
writeFileSync(PLOT, renderPerformance());

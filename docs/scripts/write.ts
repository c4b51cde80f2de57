/** `npm run docs`: writes the generated parts of README.md and of the pages in docs/. */
import { writeFileSync } from 'node:fs';
import { readPages, renderPages } from './pages.ts';

for (const [path, text] of await renderPages(readPages())) writeFileSync(path, text);

/** `npm run docs`: writes the generated parts of README.md, and injector/conformance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readCases } from '../conformance/case.ts';
import { pageOf } from '../conformance/page.ts';
import { withSections } from './sections.ts';

const file = new URL('../../README.md', import.meta.url);
writeFileSync(file, withSections(readFileSync(file, 'utf8')));

writeFileSync(new URL('../../injector/conformance.md', import.meta.url), pageOf(readCases()));

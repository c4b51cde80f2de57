import { readFileSync } from 'node:fs';
import t from 'tap';
import { FAILURES } from '../../injector/errors.ts';
import { ANNOTATIONS, PREFIX } from '../../webhook/declare/annotations.ts';
import { REFUSALS } from '../../webhook/errors.ts';
import { EXEMPT } from '../../webhook/uninjected.ts';
import { withSections } from './sections.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

t.test('the generated parts of the README are what `npm run docs` writes', async (t) => {
  t.equal(readme, withSections(readme));
});

t.test('every error code that the README names is in a catalogue', async (t) => {
  const known = new Set([...Object.keys(REFUSALS), ...Object.keys(FAILURES)]);
  t.same(
    (readme.match(/\bASI_[A-Z_]+/g) ?? []).filter((code) => !known.has(code)),
    [],
  );
});

t.test('every annotation that the README names is in the reference; the label that exempts is none', async (t) => {
  const named = [...readme.matchAll(/aws-secrets-injector\.dev\/[a-z-]+/g)].map(([name]) => name);
  t.same(
    named.filter((name) => name !== EXEMPT && !(name.slice(PREFIX.length) in ANNOTATIONS)),
    [],
  );
});

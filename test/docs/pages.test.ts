import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { MISTAKES } from '../../cli/lint/findings.ts';
import { PLOT, README, readPages, renderPages, renderPerformance } from '../../docs/scripts/pages.ts';
import { FILTERS } from '../../injector/contract/filters.ts';
import { FAILURES } from '../../injector/errors.ts';
import { EXEMPT } from '../../webhook/admission/skip.ts';
import { ANNOTATIONS } from '../../webhook/declare/annotation-table.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { parseEnvFileFormat } from '../../webhook/declare/values.ts';
import { REFUSALS } from '../../webhook/errors.ts';
import { readCases } from '../conformance/support/case.ts';
import { headingsOf, linksOf, pageNamed } from './support/page.ts';

const root = join(import.meta.dirname, '../..');
const pages = readPages();
const everything = [...pages.values()].join('\n');

t.test('the generated parts are what `npm run docs` writes', async (t) => {
  for (const [path, text] of await renderPages(pages)) t.equal(pages.get(path), text, basename(path));
  t.equal(readFileSync(PLOT, 'utf8'), renderPerformance(), 'the plot');
});

t.test('the README is a face, not a book, and has both commands', async (t) => {
  const readme = pages.get(README) ?? '';
  t.ok(readme.split('\n').length <= 300, 'it has at most 300 lines');
  for (const command of ['npm ci && npm run demo', 'npm ci && npm test']) t.match(readme, `\n${command}\n`);
});

const codes = [REFUSALS, FAILURES, MISTAKES].flatMap((catalogue) => Object.keys(catalogue));

/** The injector tells the codes of parts of a value from others by these first letters. It is no code itself. */
const FAMILY = 'ASI_OUT_J';

/** Returns the error codes that a text names and that no catalogue has. */
const strangersIn = (text: string) => (text.match(/\bASI_[A-Z_]+/g) ?? []).filter((code) => !codes.includes(code));

t.test('every error code that a page names is in a catalogue', async (t) => {
  t.same(strangersIn(everything), []);
});

t.test('every error code that a program can write is in a catalogue', async (t) => {
  const files = globSync('{webhook,injector,certs,cli,charts}/**/*.{ts,yaml,tpl,txt}', { cwd: root });
  const strangers = files.flatMap((file) => strangersIn(readFileSync(join(root, file), 'utf8')));
  t.same(
    strangers.filter((code) => code !== FAMILY),
    [],
  );
});

t.test('every error code has a heading', async (t) => {
  const headings = headingsOf(pageNamed(pages, 'errors.md'));
  t.same(
    codes.filter((code) => !headings.includes(code)),
    [],
  );
});

t.test('every annotation that a page names exists, but for what messages quote', async (t) => {
  const written = everything.replace(/^ *```text\n[\s\S]*?^ *```$/gm, '');
  const named = [...written.matchAll(/aws-secrets-injector\.dev\/[a-z-]+/g)].map(([name]) => name);
  t.same(
    named.filter((name) => name !== EXEMPT && !(name.slice(PREFIX.length) in ANNOTATIONS)),
    [],
  );
});

t.test('every annotation has a heading with an example of it', async (t) => {
  const page = pageNamed(pages, 'annotations.md');
  for (const name of Object.keys(ANNOTATIONS)) {
    const [, section = ''] = page.split(new RegExp(`^### ${name}$`, 'm'));
    const [own = ''] = section.split(/^#+ /m);
    t.match(own, new RegExp(`\`\`\`yaml\n[^\`]*^${PREFIX}${name}: `, 'm'), name);
  }
});

t.test('every filter of templates has a row and an example', async (t) => {
  const page = pageNamed(pages, 'references.md');
  for (const filter of FILTERS) {
    t.match(page, new RegExp(`^\\| \`${filter}\` \\|`, 'm'), `${filter}: a row`);
    t.match(page, new RegExp(`\\{\\{[^}]*\\| ${filter} [|}]`), `${filter}: an example`);
  }
});

t.test('every format of env files has a row', async (t) => {
  const [, section = ''] = pageNamed(pages, 'references.md').split('## Formats of env files');
  const rows = [...section.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name = '']) => name);
  const formats = ANNOTATIONS['env-file-format'].value.match(/[a-z-]+(?=`)/g) ?? [];
  t.same(rows.sort(), [...formats].sort());
  t.same(
    rows.filter((name) => !parseEnvFileFormat(name).ok),
    [],
  );
});

t.test('every alert has a heading with what to do', async (t) => {
  const { groups } = parse(readFileSync(join(root, 'charts/aws-secrets-injector/files/alerts.yaml'), 'utf8'));
  const alerts = groups[0].rules.map(({ alert }: { alert: string }) => alert);
  t.same(
    headingsOf(pageNamed(pages, 'operations.md')).filter((heading) => heading.startsWith('AwsSecretsInjector')),
    alerts,
  );
});

t.test('every case of ASCP that can concern us is on the conformance page, once', async (t) => {
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const numbers = [...pageNamed(pages, 'conformance.md').matchAll(/^\| (\d+[a-z]?) \|/gm)].map(([, number]) => number);
  t.same(
    [...numbers].sort(),
    readCases()
      .map((one) => one.case)
      .sort(),
  );
  t.equal(new Set(numbers).size, numbers.length);
  const lettered = ['76a', '76b', '99a', '99b', '99c', '99d', '99e'];
  t.same(
    [...range(1, 147), ...range(166, 177), ...lettered].map(String).filter((number) => !numbers.includes(number)),
    [],
  );
});

t.test('every link inside the repository leads to a file, and to a heading of it', async (t) => {
  const readmes = ['charts/aws-secrets-injector', 'certs', 'cli', 'injector', 'webhook'].map(
    (house) => `${house}/README.md`,
  );
  const others = [...readmes, ...['CONTRIBUTING', 'SECURITY', 'CHANGELOG'].map(inGithub)];
  const texts = others.map((name): [string, string] => [join(root, name), readFileSync(join(root, name), 'utf8')]);
  for (const [path, text] of [...pages, ...texts]) {
    for (const link of linksOf(text)) {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!t.ok(existsSync(target), `${basename(path)}: ${link}`) || anchor === undefined) continue;
      const anchors = headingsOf(readFileSync(target, 'utf8')).map(anchorOf);
      t.ok(anchors.includes(anchor), `${basename(path)}: ${link}`);
    }
  }
});

const inGithub = (name: string) => `.github/${name}.md`;

/** Returns the anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

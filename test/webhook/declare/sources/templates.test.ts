import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { startBudget } from '../../../../webhook/declare/budget.ts';
import { declare } from '../../../../webhook/declare/declare.ts';
import { pathTranslation } from '../../../../webhook/declare/paths.ts';
import type { Scope } from '../../../../webhook/declare/scope.ts';
import { parseTemplate } from '../../../../webhook/declare/sources/templates.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';
import { compareSaid } from '../../support/said.ts';

type Part = string | (Record<string, unknown> & { readonly service?: string; readonly name: string });

const FIXTURES = new URL('../../../fixtures/templates/', import.meta.url);
const translation = pathTranslation();
if (!translation.ok) throw new Error('no translation');
const SCOPE: Scope = { region: 'us-west-2', failoverRegion: undefined, translation: translation.value, mode: '0644' };

function toPart(part: Part): unknown {
  if (typeof part === 'string') return part;
  const { service = 'secretsmanager', name, version, ...rest } = part;
  return { ...rest, source: { service, name, ...(version !== undefined && { version }) } };
}

t.test('a template is text and values in between', async (t) => {
  const cases = parse(readFileSync(new URL('accepted.yaml', FIXTURES), 'utf8')) as { text: string; parts: Part[] }[];
  for (const { text, parts } of cases) {
    t.strictSame(parseTemplate(text, SCOPE, startBudget()), { ok: true, value: parts.map(toPart) }, text);
  }
});

t.test('a bad template is refused with its line and what to write instead', async (t) => {
  const cases = parse(readFileSync(new URL('refused.yaml', FIXTURES), 'utf8')) as { text: string; problem: string }[];
  const said = cases.map(({ text, problem }) => {
    const result = parseTemplate(text, SCOPE, startBudget());
    t.equal(result.ok ? 'accepted' : result.problem.slice(0, problem.length), problem, text);
    t.match(result, { problem: /; / }, `${text}: names the fix`);
    return `${JSON.stringify(text)} ${result.ok ? 'is accepted' : result.problem}`;
  });
  compareSaid(t, 'templates/refused', said);
});

t.test('templates are files, and their sources are fetched once', async (t) => {
  const own = {
    files: 'db: app1/db',
    templates: stringify({ 'conf/app.ini': 'u={{ app1/db#user }}\n', x: '{{ other }}' }),
    'file-permission': '0440',
    'failover-region': 'eu-west-1',
  };
  const failover = (name: string) => ({ region: 'eu-west-1', name });
  t.match(declare(annotationsOf(own), CONTEXT), {
    declaration: {
      objects: [
        { name: 'app1/db', failover: failover('app1/db'), files: [{ path: 'db' }] },
        { name: 'other', failover: failover('other') },
      ],
      templates: [
        { path: 'conf/app.ini', mode: '0440', parts: ['u=', { object: 0, jmesPath: 'user' }, '\n'] },
        { path: 'x', mode: '0440', parts: [{ object: 1 }] },
      ],
    },
  });
});

t.test('whatever the text, text outside of braces stays as it is', async () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '{{',
    '}}',
    '"',
    "'",
    '`',
    '|',
    ' ',
    ' | ',
    'json',
    'a',
    '#',
    '\\',
    '\n',
    ':',
  );
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (template) => {
      const result = parseTemplate(template, SCOPE, startBudget());
      const fits = (part: unknown): boolean => typeof part !== 'string' || part !== '';
      return result.ok
        ? result.value.every(fits) && (template.includes('{{') || result.value.join('') === template)
        : result.problem !== '';
    }),
    { numRuns: 2000 },
  );
});

t.test('hostile templates get an answer in time', async (t) => {
  for (const piece of [
    '{{',
    '{{ a }}',
    '{{ a#',
    '{{ "',
    "{{ '",
    '{{ a | ',
    '}',
    '{{ a | json | ',
    '\n{{ a }',
    '{{ `\\',
    ' | ',
  ]) {
    const text = piece.repeat(60_000 / piece.length);
    t.match(parseTemplate(text, SCOPE, startBudget()), { ok: Boolean }, piece);
  }
});

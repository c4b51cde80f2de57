/** Tests that a text of a YAML alias counts wherever it is read, as if nobody had written aliases. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { isScalar, parseDocument, visit } from 'yaml';
import { ANNOTATIONS } from '../../../webhook/declare/annotation-table.ts';
import { declare } from '../../../webhook/declare/declare.ts';
import type { ProviderClass } from '../../../webhook/declare/provider-class.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';

const OBJECT =
  '{objectName: n, objectAlias: a, objectVersion: v, objectVersionLabel: l, objectType: t, filePermission: "0644", ' +
  'jmesPath: [{path: p, objectAlias: b, filePermission: "0644", optional: true, default: d, type: any}], ' +
  'failoverObject: {objectName: n, objectVersion: v, objectVersionLabel: l}, optional: true, default: d, type: any, ' +
  'expand: true, path: /p/, prefix: p, tags: {k: v}, unknown: u, <<: {objectName: m}}';

/** An entry with each text that is read of the annotations that are YAML, and how a list of such entries begins and ends. */
const ENTRIES: Readonly<Record<string, readonly [open: string, entry: string, close: string]>> = {
  objects: ['[', OBJECT, ']'],
  files: ['{', 'f: {from: r, optional: true, default: d, type: any, mode: "0644"}, g: r', '}'],
  env: ['{', 'E: {from: r, optional: true, default: d, type: any}, F: r, G: {template: "{{ r }}"}', '}'],
  'env-from': ['[', '{from: r, prefix: p, optional: true}, r', ']'],
  templates: ['{', 'f: "{{ r }}"', '}'],
};

/** Returns the list with its entry once for each of `texts`, which replaces the text at `range`. */
function listOf(name: string, range: readonly [number, number], texts: readonly string[]): string {
  const [open = '', , close = ''] = ENTRIES[name] ?? [];
  const list = `${open}${ENTRIES[name]?.[1]}${close}`;
  const entries = texts.map((text) =>
    `${list.slice(0, range[0])}${text} ${list.slice(range[1])}`.slice(open.length, -close.length),
  );
  return `${open}${entries.join(',\n')}${close}`;
}

/** Returns the range of each key and each value in the list of one entry. */
function rangesIn([open, entry, close]: readonly [string, string, string]): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  visit(parseDocument(`${open}${entry}${close}`, { schema: 'failsafe' }), {
    Scalar(_key, node) {
      if (isScalar(node) && node.range) ranges.push([node.range[0], node.range[1]]);
    },
  });
  return ranges;
}

function refusalsOf(own: Readonly<Record<string, string>>, objects?: string): string {
  const found: ProviderClass = { provider: 'aws', parameters: { objects: objects ?? '' }, secretObjects: [] };
  const classes = objects === undefined ? CONTEXT.classes : new Map([['shop', found]]);
  const result = declare(annotationsOf(own), { ...CONTEXT, classes });
  return result.ok ? '' : result.refusals.map(({ message }) => message).join('\n');
}

const LONG = 'x'.repeat(4000);
const ANCHOR = `&t "${LONG}"`;
const bomb = [ANCHOR, ...Array(75).fill('*t')];
const few = [ANCHOR, ...Array(5).fill('*t')];
const EXCEEDED = /more than 256 KiB of text where YAML aliases/;

for (const [name, parts] of Object.entries(ENTRIES)) {
  t.test(`an alias in place of any text of ${name} counts as what it stands for`, async (t) => {
    for (const range of rangesIn(parts)) {
      const text = `${parts[0]}${parts[1]}`.slice(...range);
      t.match(refusalsOf({ [name]: listOf(name, range, bomb) }), EXCEEDED, text);
      t.notMatch(refusalsOf({ [name]: listOf(name, range, few) }), EXCEEDED, text);
    }
  });
}

t.test('an alias in place of any text of a class counts as what it stands for', async (t) => {
  const parts = ENTRIES['objects'] ?? ['', '', ''];
  const own = { 'secret-provider-class': 'shop' };
  for (const range of rangesIn(parts)) {
    t.match(refusalsOf(own, listOf('objects', range, bomb)), EXCEEDED);
    t.notMatch(refusalsOf(own, listOf('objects', range, few)), EXCEEDED);
  }
});

t.test('every annotation that is YAML is among these', async (t) => {
  const yaml = Object.entries(ANNOTATIONS).filter(([, { value }]) => value.startsWith('YAML'));
  t.strictSame(Object.keys(ENTRIES).sort(), yaml.map(([name]) => name).sort());
});

t.test('nothing but the door to YAML knows the library, whose nodes may be aliases', async (t) => {
  const folder = new URL('../../../webhook/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const knowing = files.filter((file) => readFileSync(new URL(file, folder), 'utf8').includes("from 'yaml'"));
  t.strictSame(
    knowing.sort(),
    ['document.ts', 'to-yaml.ts', 'write-out.ts'].map((file) => `declare/yaml/${file}`),
  );
});

t.test('aliases of aliases count as what they stand for', async (t) => {
  const lists = Array.from({ length: 30 }, (_, i) => `- &a${i + 1} [${Array(9).fill(`*a${i}`)}]`).join('\n');
  t.match(refusalsOf({ objects: `- &a0 {objectName: a}\n${lists}` }), EXCEEDED);
});

t.test('an alias inside what it stands for is refused', async (t) => {
  t.match(refusalsOf({ files: 'a: &a {from: *a}' }), /^files: is not YAML: the anchor a contains itself; /);
});

t.test('all annotations share one budget', async (t) => {
  const half = `{${Array.from({ length: 40 }, (_, index) => `f${index}: ${index === 0 ? ANCHOR : '*t'}`)}}`;
  t.notMatch(refusalsOf({ files: half }), EXCEEDED);
  t.match(
    refusalsOf({ files: half, env: half }),
    /^env: has, .* more than 256 KiB .*; declare less, or split the pod$/m,
  );
});

t.test('annotations and classes share one budget', async (t) => {
  const objects = `- {objectName: a, objectType: ssmparameter} # ${'x'.repeat(130_000)}`;
  const own = { 'secret-provider-class': 'shop' };
  t.equal(refusalsOf(own, objects), '');
  const files = `a: b # ${'x'.repeat(135_000)}`;
  t.match(refusalsOf({ ...own, files }, objects), /^secret-provider-class shop: has, .* more than 256 KiB /);
});

const JMESPATHS = /all JMESPaths of the pod's annotations and classes together may have 96 KiB/;

t.test('JMESPaths that no configuration holds are refused before they are compiled', async (t) => {
  t.match(refusalsOf({ files: `f: a#${'['.repeat(100_000)}` }), JMESPATHS);
  t.match(refusalsOf({ objects: part('['.repeat(100_000)) }), JMESPATHS);
  t.notMatch(refusalsOf({ files: `f: a#${'['.repeat(90_000)}` }), JMESPATHS);
});

t.test('all JMESPaths share one budget', async (t) => {
  const half = `"${'k'.repeat(60_000)}"`;
  const own = {
    files: `f: 'a#${half}'`,
    env: `A: 'a#${half}'`,
    templates: `t: '{{ a#${half} }}'`,
    objects: part(half),
  };
  const names = Object.keys(own) as (keyof typeof own)[];
  for (const name of names) t.equal(refusalsOf({ [name]: own[name] }), '', name);
  for (const name of names.slice(1)) t.match(refusalsOf({ files: own.files, [name]: own[name] }), JMESPATHS, name);
});

function part(path: string): string {
  return JSON.stringify([{ objectName: 'a', objectType: 'ssmparameter', jmesPath: [{ path, objectAlias: 'b' }] }]);
}

t.test('YAML of more parts than a pod may have is refused', async (t) => {
  t.equal(
    refusalsOf({ files: `a: [${'b,'.repeat(20_000)}]` }),
    'files: holds, with all other annotations and classes of the pod, more YAML than the webhook reads for a pod; declare less, or split the pod',
  );
});

t.test('a class counts with all its parameters', async (t) => {
  const parameters = { objects: '[]', pathTranslation: 'x'.repeat(2 ** 18) };
  const classes = new Map([['shop', { provider: 'aws', parameters, secretObjects: [] }]]);
  const result = declare(annotationsOf({ 'secret-provider-class': 'shop' }), { ...CONTEXT, classes });
  t.match(result, { refusals: [{ code: 'ASI_ADMIT_TOO_LARGE', message: /^secret-provider-class shop: / }] });
});

t.test('a class that hundreds of volumes name is read for the first of them only', async (t) => {
  const parameters = { objects: '- {objectName: a, objectType: ssmparameter}' };
  const classes = new Map([['shop', { provider: 'aws', parameters, secretObjects: [] }]]);
  const volumes = Array.from({ length: 1000 }, (_, index) => ({
    name: `v${index}`,
    className: 'shop',
    attributes: {},
    readOnly: true,
  }));
  const result = declare({}, { ...CONTEXT, classes, volumes });
  t.match(result, { refusals: [{ code: 'ASI_ADMIT_TOO_LARGE', message: /^volume v4\d\d / }] });
});

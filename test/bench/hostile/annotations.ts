/** Makes hostile annotations: aliases of YAML, and 256 KiB of each kind. */
import { hostileReview, lines, many } from './review.ts';
import { type Attack, oneByOne } from './target.ts';

const TERMS = 8000;
const USES = 1500;

/** Returns a scalar of 40 KB that 1,500 lines repeat by an alias: 54 KB that are 60 MB when they are written out. */
function bomb(term: string, line: (index: number) => string): string {
  return `a: &t "${term.repeat(TERMS)}"\n${many(USES, line).join('\n')}\n`;
}

const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aliases of a template': { templates: bomb('{{a}}', (index) => `f${index}: *t`) },
  'aliases of a reference': { files: bomb('a/', (index) => `f${index}: *t`) },
  'aliases of a JMESPath in files': { files: bomb('a.', (index) => `f${index}: *t`).replace('"', '"a#') },
  'aliases of a JMESPath in env': {
    env: bomb('a.', (index) => `V${index}: *t`)
      .replace('"', '"a#')
      .replace('a:', 'A:'),
  },
  'aliases of a default': { files: bomb('x', (index) => `f${index}: {from: a, default: *t}`) },
  'aliases of a reference in env-from': {
    'env-from': `- &t "${'a'.repeat(30_000)}"\n${'- *t\n'.repeat(USES)}`,
    'env-file': 'x',
  },
  'aliases of a JMESPath in objects': {
    objects: `- {objectName: a, objectType: secretsmanager, jmesPath: [{path: &t "${'a.'.repeat(TERMS)}a", objectAlias: x}]}\n${many(
      USES,
      (index) =>
        `- {objectName: a${index}, objectType: secretsmanager, jmesPath: [{path: *t, objectAlias: y${index}}]}`,
    ).join('\n')}`,
  },
  'aliases of a name in objects': {
    objects: `- &o {objectName: &t "${'a'.repeat(30_000)}", objectType: secretsmanager}\n${many(
      USES,
      (index) => `- {objectName: *t, objectType: secretsmanager, objectAlias: y${index}}`,
    ).join('\n')}`,
  },
  'aliases of a map of objects': {
    objects: `- &o {objectName: "${'a'.repeat(30_000)}", objectType: secretsmanager}\n${'- *o\n'.repeat(30_000)}`,
  },
  'aliases of merged maps': {
    files: `a: &m {${many(2000, (index) => `from${index}: a`).join(', ')}}\n${lines((index) => `f${index}: {<<: *m}`, 60_000)}`,
  },
  'aliases of aliases': {
    files: many(40, (index) => `a${index}: &a${index} [${Array(9).fill(index ? `*a${index - 1}` : 'x')}]`).join('\n'),
  },
};

const LARGE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  files: { files: lines((index) => `f${index}: a`) },
  'files of maps': { files: lines((index) => `f${index}: {from: a}`) },
  'files in deep folders': { files: lines((index) => `${'a/'.repeat(2000)}${index}: a`) },
  'files in folders of each other': { files: lines((index) => `${'a/'.repeat(index + 1)}f: a`) },
  'files of long JMESPaths': { files: lines((index) => `f${index}: a#${'a.'.repeat(8000)}a`) },
  'a JMESPath of brackets': { files: `f: a#${'['.repeat(240_000)}` },
  'a JMESPath of functions': { files: `f: 'a#${'length('.repeat(30_000)}'` },
  'a JMESPath of nots': { files: `f: 'a#${'!'.repeat(240_000)}a'` },
  'a JMESPath of pipes': { files: `f: 'a#a${'|a'.repeat(120_000)}'` },
  env: { env: lines((index) => `V${index}: a`) },
  'env in an env file': { env: lines((index) => `V${index}: a`), 'env-delivery': 'file', 'env-file': 'x' },
  'env in a shell': { env: lines((index) => `V${index}: a`), 'env-delivery': 'shell' },
  'env of templates': { env: lines((index) => `V${index}: {template: "{{a}}"}`) },
  'env of a template of references': { env: `V: {template: "${'{{a}}'.repeat(48_000)}"}` },
  'env of texts with placeholders': { env: lines((index) => `V${index}: "{{a}}{{b}}"`) },
  'env-from': { 'env-from': lines((index) => `- a${index}`), 'env-file': 'x' },
  'templates, many': { templates: lines((index) => `f${index}: x`) },
  'a template of references': { templates: `f: "${'{{a}}'.repeat(48_000)}"` },
  'a template of other references': { templates: `f: |\n${lines((index) => ` {{a${index}}}`, 240_000)}` },
  'a template of braces': { templates: `f: "${'{{'.repeat(120_000)}"` },
  'a template of filters': { templates: `f: "{{a${'|json'.repeat(48_000)}}}"` },
  'a template of escapes': { templates: `f: "${'\\u0041'.repeat(40_000)}"` },
  objects: { objects: lines((index) => `- {objectName: a${index}, objectType: secretsmanager}`) },
  'objects of one name': { objects: lines(() => '- {objectName: a, objectType: secretsmanager}') },
  'objects of JMESPaths': {
    objects: `- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n${lines((index) => `  - {path: k${index}, objectAlias: k${index}}`, 240_000)}`,
  },
  'secret-provider-class of many names': {
    'secret-provider-class': lines((index) => `c${index},`).replaceAll('\n', ''),
  },
  'a mount path of slashes': { files: 'f: a', 'mount-path': '/a'.repeat(120_000) },
  'YAML of brackets': { files: '['.repeat(250_000) },
  'YAML of maps in maps': { files: '{a: '.repeat(60_000) },
  'YAML of lists in lists': { files: '- '.repeat(120_000) },
  'YAML of indents': { files: many(700, (index) => `${' '.repeat(index)}a:`).join('\n') },
  'YAML of questions': { files: '? '.repeat(120_000) },
  'YAML of anchors': { files: lines((index) => `f${index}: &a${index} a`) },
  'YAML of tags': { files: lines((index) => `f${index}: !t${index} a`) },
  'YAML of comments': { files: `f: a\n${'#\n'.repeat(120_000)}` },
  'YAML of empty lines': { files: `f: a\n${'\n'.repeat(240_000)}` },
  'YAML of documents': { files: '---\n'.repeat(60_000) },
  'YAML of a long key': { files: `${'a'.repeat(250_000)}: a` },
  'YAML of same keys': { files: 'f: a\n'.repeat(50_000) },
  'YAML that is wrong in each line': { files: 'f: : a\n'.repeat(35_000) },
};

/** Returns each hostile annotation as an attack. A comment makes each text another one, where the text is YAML. */
export function annotationAttacks(): Attack[] {
  const attack = (name: string, annotations: Readonly<Record<string, string>>) =>
    oneByOne(name, (salt) => hostileReview({ annotations: salted(annotations, salt) }));
  return [
    ...Object.entries(ALIASES).map(([name, annotations]) => attack(name, annotations)),
    ...Object.entries(LARGE).map(([name, annotations]) => attack(`250 kB of ${name}`, annotations)),
    attack('8,000 unknown annotations', Object.fromEntries(many(8000, (index) => [`x${index}`, '']))),
  ];
}

const YAML = new Set(['files', 'env', 'env-from', 'objects', 'templates']);

function salted(annotations: Readonly<Record<string, string>>, salt: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [name, YAML.has(name) ? `# ${salt}\n${value}` : value]),
  );
}

/** Twice the text takes twice the work, whatever the text is. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const count = (length: number, entry: (index: number) => string) => Array.from({ length }, (_, i) => entry(i)).join('');
const list = (length: number, entry: (index: number) => string) => `[${count(length, (i) => `${entry(i)},`)}]`;
const map = (length: number, entry: (index: number) => string) => `{${count(length, (i) => `${entry(i)},`)}}`;

const SHAPES: Readonly<Record<string, (n: number) => Record<string, string>>> = {
  files: (n) => ({ files: map(n, (i) => `f${i}: s${i}`) }),
  'files of one secret': (n) => ({ files: map(n, (i) => `f${i}: s`) }),
  'files below a file': (n) => ({ files: map(n, (i) => `f${i === 0 ? '' : `/${i}`}: s`) }),
  'files of the same name': (n) => ({ files: map(n, () => 'f: s') }),
  'files with wrong references': (n) => ({ files: map(n, (i) => `f${i}: x:y`) }),
  'files in many folders': (n) => ({ files: map(n / 10, (i) => `${'a/'.repeat(60)}${i}: s`) }),
  'a path of slashes': (n) => ({ files: `"a${'/'.repeat(20 * n)}": s` }),
  'a path of dots': (n) => ({ files: `"${'./'.repeat(20 * n)}": s` }),
  'keys by aliases': (n) => ({ files: `{&k ${'k'.repeat(50)}: s,${count(n, () => '*k : s,')}}` }),
  variables: (n) => ({ env: map(n, (i) => `V${i}: {from: s, default: d}`) }),
  'variables with wrong defaults': (n) => ({ env: map(n, (i) => `V${i}: {from: s, default: "'"}`) }),
  'a default of lines': (n) => ({ env: `{V: {from: s, default: "${'\\n'.repeat(20 * n)}"}}` }),
  'env-from': (n) => ({ 'env-from': list(n, (i) => `s${i}`), 'env-file': 'x' }),
  'env-from by paths': (n) => ({ 'env-from': list(n, (i) => `"ssm:/s${i}/"`), 'env-file': 'x' }),
  objects: (n) => ({ objects: list(n, (i) => `{objectName: s${i}, objectType: ssmparameter}`) }),
  'objects that are merged': (n) => ({
    objects: `[&a {objectType: ssmparameter},${count(n, (i) => `{<<: *a, objectName: s${i}},`)}]`,
  }),
  'parts of an object': (n) => ({
    objects: `[{objectName: s, objectType: ssmparameter, jmesPath: ${list(n, (i) => `{path: p, objectAlias: a${i}}`)}}]`,
  }),
  'unknown keys': (n) => ({ objects: `[${map(n, (i) => `objectNamee${i}: x`)}]` }),
  tags: (n) => ({ objects: `[{tags: ${map(n, (i) => `t${i}: x`)}}]` }),
  'a version of digits': (n) => ({ objects: `[{objectName: s, objectType: t, objectVersion: ${'1'.repeat(20 * n)}}]` }),
  'variables of templates': (n) => ({ env: map(n, (i) => `V${i}: {template: "{{s${i}}} "}`) }),
  'variables with placeholders in place of a reference': (n) => ({ env: map(n, (i) => `V${i}: "{{s${i}}} {{a"`) }),
  placeholders: (n) => ({ templates: `{f: "${count(n, (i) => `{{s${i}}} `)}"}` }),
  'placeholders with texts': (n) => ({ templates: `{f: '${count(n, () => '{{""}}')}'}` }),
  'placeholders with many filters': (n) => ({ templates: `{f: '{{s${count(n, () => ' | json')}}}'}` }),
  'placeholders that nobody closes': (n) => ({ templates: map(n, (i) => `f${i}: "{{ {{"`) }),
  'templates by an alias': (n) => ({ templates: `{f: &t "{{s}}{{s}}",${count(n, (i) => `f${i}: *t,`)}}` }),
  'expressions of JMESPath': (n) => ({ files: map(n / 5, (i) => `f${i}: "s#${'a.'.repeat(40)}a"`) }),
  'an expression of keys': (n) => ({ files: `{f: "s#${'a-b.'.repeat(5 * n)}a"}` }),
  'a literal that nests': (n) => ({ files: `{f: 's#\`${'['.repeat(n)}\`'}` }),
  containers: (n) => ({ files: 'f: s', containers: `${count(n, (i) => `c${i},`)}x` }),
  'class names': (n) => ({ 'secret-provider-class': `${count(n, (i) => `c${i},`)}x` }),
  'a mount path of slashes': (n) => ({ files: 'f: s', 'mount-path': `/a${'/'.repeat(20 * n)}a` }),
  'unknown annotations': (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`fils${i}`, ''])),
  ...Object.fromEntries(
    [
      '[',
      '{a: ',
      '- ',
      '? ',
      '&a ',
      ': ',
      '!!x ',
      '"',
      "'",
      '#\n',
      '\n',
      '%\n',
      '---\n',
      '*a ',
      '- |\n  a\n',
      '? a\n: b\n',
    ].map((unit) => [`YAML of ${JSON.stringify(unit)}`, (n: number) => ({ objects: unit.repeat(n) })]),
  ),
};

/** Large enough that what each declaration takes besides its length is little. */
const SIZE = 400;

const inputs = Object.values(SHAPES).flatMap((shape) => [shape(SIZE), shape(2 * SIZE)]);
const { NODE_V8_COVERAGE: _, ...env } = process.env;
const { stdout, stderr } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('../support/count-steps.ts', import.meta.url))],
  {
    input: JSON.stringify([shapeToWarm(), ...inputs]),
    env,
    encoding: 'utf8',
  },
);

/** Declares once, because the first declaration compiles patterns and the like. */
function shapeToWarm(): Record<string, string> {
  return { files: 'f: s', env: 'V: s', templates: 'g: "{{s}}"' };
}

const [, ...steps] = stdout === '' ? [] : (JSON.parse(stdout) as number[]);
t.equal(steps.length, inputs.length, stderr);

t.test('twice as much of anything takes about twice as many steps at most', async (t) => {
  for (const [index, what] of Object.keys(SHAPES).entries()) {
    const [once = 0, twice = Number.POSITIVE_INFINITY] = steps.slice(2 * index);
    t.ok(twice < 2.5 * once, `${what}: ${once} steps, then ${twice}`);
  }
});

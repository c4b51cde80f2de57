/** Every format is proven by its own readers; those of Python are in test/readers. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import type { EnvFileFormat } from '../../../injector/contract/env-file-formats.ts';
import { encodeEnvFile, envFileNameProblem } from '../../../injector/environment/env-file.ts';
import { Secret } from '../../../injector/secret.ts';

type Pairs = Record<string, string>;

function encode(format: EnvFileFormat, pairs: Pairs) {
  const variables = Object.entries(pairs).map(([name, value]) => ({ name, value: new Secret(value) }));
  const { content, failures } = encodeEnvFile(format, variables);
  return { text: Buffer.from(content.reveal()).toString(), failures };
}

/**
 * Reads an env file as docker/cli pkg/kvfile does: lines, a BOM before the first, blanks before a line, comments, and the rest
 * after the first `=`.
 */
function readDocker(text: string): Pairs {
  const pairs: Pairs = {};
  for (const [index, raw] of text.split('\n').entries()) {
    const line = (index === 0 ? raw.replace(/^\uFEFF/, '') : raw).replace(/\r$/, '').replace(/^[ \t\v\f\r]+/, '');
    if (Buffer.byteLength(raw) >= 65_536) throw new Error('token too long');
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at < 1 || /\s/.test(line.slice(0, at))) throw new Error(`bad line ${index}`);
    pairs[line.slice(0, at)] = line.slice(at + 1);
  }
  return pairs;
}

function readShell(t: Test, shell: string, text: string, names: string[]): Pairs {
  const file = join(t.testdir({}), 'env');
  writeFileSync(file, text);
  const script = 'set -a; . "$1"; exec "$2" -e "process.stdout.write(JSON.stringify(process.env))"';
  const output = execFileSync(shell, ['-c', script, 'sh', file, process.execPath], { env: {}, encoding: 'utf8' });
  const env = JSON.parse(output) as Pairs;
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '(unset)']));
}

const NASTY: Pairs = {
  PLAIN: 'x',
  EMPTY: '',
  SPACES: '  a b\t',
  EQUALS: 'a=b=c',
  QUOTE: "it's",
  QUOTES: `'"'"'`,
  DOLLAR: '$HOME $\u007bHOME} $(id) `id`',
  BACKSLASH: 'a\\nb\\',
  HASH: '#a # b',
  LINES: 'a\nb\n',
  RETURN: 'a\r\nb\r',
  BOM: '\uFEFFa',
  UNICODE: 'żółć 😀',
  JSON: '{"a": "b\\"c"}',
  BANG: '!x!',
};

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const nasty = fc.string({ unit: fc.constantFrom(...`ab '"\`$\\{}()#=!\n\r\t\uFEFFé😀;&|<>*?~%`), maxLength: 30 });
const value = fc.oneof(text, nasty);

t.test('shell: sh and bash read every value back', async (t) => {
  const { text, failures } = encode('shell', NASTY);
  t.strictSame(failures, []);
  for (const shell of ['sh', 'bash']) t.strictSame(readShell(t, shell, text, Object.keys(NASTY)), NASTY, shell);
});

t.test('shell: sh reads random values back', async (t) => {
  const values = fc.sample(value, 300).filter((value) => !value.includes('\0'));
  const pairs = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
  t.strictSame(readShell(t, 'sh', encode('shell', pairs).text, Object.keys(pairs)), pairs);
});

t.test('dotenv: node --env-file gives the program every value that is not refused', async (t) => {
  const { text, failures } = encode('dotenv', NASTY);
  const file = join(t.testdir({}), 'env');
  writeFileSync(file, text);
  const program = 'process.stdout.write(JSON.stringify(process.env))';
  const options = { env: {}, encoding: 'utf8' } as const;
  const env = JSON.parse(execFileSync(process.execPath, [`--env-file=${file}`, '-e', program], options)) as Pairs;
  const refused = failures.map(({ subject }) => subject);
  for (const [name, value] of Object.entries(NASTY)) if (!refused.includes(name)) t.equal(env[name], value, name);
});

t.test("dotenv: Node's parseEnv reads back every value that is not refused", async (t) => {
  fc.assert(
    fc.property(value, value, (first, second) => {
      const pairs = { FIRST: first, SECOND: second, LAST: 'end' };
      const { text, failures } = encode('dotenv', pairs);
      const refused = new Set(failures.map(({ subject }) => subject));
      const expected = Object.fromEntries(Object.entries(pairs).filter(([name]) => !refused.has(name)));
      t.same(parseEnv(text), expected);
    }),
    { numRuns: 2000 },
  );
});

t.test('dotenv: refuses only what no quote holds, and the name that JavaScript loses', async (t) => {
  const { failures } = encode('dotenv', {
    ...NASTY,
    ALL: `'"\``,
    SLASH: 'a b\\',
    ['__proto__']: 'x',
    constructor: 'x',
  });
  t.strictSame(
    failures.map(({ subject, code }) => `${subject} ${code}`),
    ['RETURN ASI_OUT_VALUE', 'ALL ASI_OUT_VALUE', 'SLASH ASI_OUT_VALUE', '__proto__ ASI_OUT_NAME'],
  );
});

t.test(
  'dotenv: a backslash at the end is never before a quote, which dotenv for JavaScript would take with it',
  async (t) => {
    fc.assert(
      fc.property(value, (text) => !/\\['"`]\n$/.test(encode('dotenv', { A: text }).text)),
      { numRuns: 2000 },
    );
    t.equal(encode('dotenv', { A: 'C:\\temp\\' }).text, 'A=C:\\temp\\\n');
  },
);

t.test('python-dotenv: each value has the line that python-dotenv was seen to read back', async (t) => {
  const file = new URL('../../fixtures/env-files/python-dotenv.yaml', import.meta.url);
  const cases = parse(readFileSync(file, 'utf8')) as { value: string; line?: string; refused?: true }[];
  for (const { value, line } of cases) {
    const { text, failures } = encode('python-dotenv', { A: value });
    t.strictSame([text, failures.length], line === undefined ? ['', 1] : [line, 0], JSON.stringify(value));
  }
  t.strictSame(encode('python-dotenv', { ['__proto__']: 'x' }).text, "__proto__='x'\n");
});

t.test("docker: docker's reader reads back every value that is not refused", async (t) => {
  fc.assert(
    fc.property(value, value, (first, second) => {
      const pairs = { FIRST: first, SECOND: second, LAST: 'end' };
      const { text, failures } = encode('docker', pairs);
      const refused = new Set(failures.map(({ subject }) => subject));
      const expected = Object.fromEntries(Object.entries(pairs).filter(([name]) => !refused.has(name)));
      t.same(readDocker(text), expected);
    }),
    { numRuns: 2000 },
  );
});

t.test('docker: refuses line breaks, lines too long and names that are none', async (t) => {
  const long = 'x'.repeat(65_536);
  const { failures } = encode('docker', {
    OK: 'a\rb',
    LF: 'a\nb',
    CR: 'a\r',
    LONG: long,
    '#a': 'x',
    'a b': 'x',
    'a=b': 'x',
  });
  t.strictSame(
    failures.map(({ subject, code }) => `${subject} ${code}`),
    [
      'LF ASI_OUT_VALUE',
      'CR ASI_OUT_VALUE',
      'LONG ASI_OUT_VALUE',
      '#a ASI_OUT_NAME',
      'a b ASI_OUT_NAME',
      'a=b ASI_OUT_NAME',
    ],
  );
});

t.test('json: JSON.parse reads every name and value back', async (t) => {
  fc.assert(
    fc.property(fc.dictionary(text, value), (pairs) => {
      const { text, failures } = encode('json', pairs);
      t.strictSame(failures, []);
      t.strictSame(Object.entries(JSON.parse(text)).sort(), Object.entries(pairs).sort());
    }),
  );
});

t.test('json: __proto__ is a name like others', async (t) => {
  const { content } = encodeEnvFile('json', [{ name: '__proto__', value: new Secret('x') }]);
  t.equal(Buffer.from(content.reveal()).toString(), '{\n  "__proto__": "x"\n}\n');
});

t.test('names that are no identifiers are refused by shell and dotenv, by name and with the way out', async (t) => {
  for (const format of ['shell', 'dotenv', 'python-dotenv'] as const) {
    const { failures } = encode(format, { 'a-b': 'x', '1x': 'x', '': 'x', 'a.b': 'x', ä: 'x', OK: 'x' });
    t.strictSame(failures.map(({ subject }) => subject).sort(), ['', '1x', 'a-b', 'a.b', 'ä']);
    t.match(failures[0]?.headline, `"a-b" can not be written in the format ${format}`);
  }
});

t.test('shell: names that a shell sets itself are refused', async (t) => {
  for (const name of ['UID', 'RANDOM', '_'])
    t.equal(encode('shell', { [name]: '0' }).failures[0]?.code, 'ASI_OUT_NAME');
});

t.test('NUL and bytes that are no text are refused with the way out', async (t) => {
  for (const format of ['shell', 'dotenv', 'python-dotenv', 'docker'] as const) {
    t.match(encode(format, { A: 'a\0b' }).failures[0]?.fix, 'file of its own');
  }
  const binary = [{ name: 'A', value: new Secret(new Uint8Array([255])) }];
  t.match(encodeEnvFile('json', binary).failures[0]?.cause, 'not UTF-8');
});

type Line = {
  format: EnvFileFormat;
  name: string;
  value: string;
  text?: string;
  failure?: { code: string; cause: string };
};

t.test('each format makes the same text of a variable as ever, or refuses it in the same words', async (t) => {
  const file = new URL('../../fixtures/env-files/lines.yaml', import.meta.url);
  for (const { format, name, value, text, failure } of parse(readFileSync(file, 'utf8')) as Line[]) {
    const { content, failures } = encodeEnvFile(format, [{ name, value: new Secret(value) }]);
    const what = JSON.stringify([format, name, value]);
    if (failure !== undefined) t.strictSame(failures, [failure], what);
    else t.equal(Buffer.from(content.reveal()).toString(), text, what);
    if (value !== 'x') continue;
    const problem = failure && { code: failure.code, cause: failure.cause };
    t.strictSame(envFileNameProblem(format, name), problem, `${what}, before there is a value`);
  }
});

t.test('docker: a line has at most 65,535 bytes', async (t) => {
  t.strictSame(encode('docker', { A: 'x'.repeat(65_533) }).failures, []);
  t.match(encode('docker', { A: 'x'.repeat(65_534) }).failures, [
    { code: 'ASI_OUT_VALUE', cause: 'The line would be longer than 65535 bytes.' },
  ]);
});

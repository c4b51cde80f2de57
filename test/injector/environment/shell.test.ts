/** Tests what the shells of this machine make of the file. */
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { encodeShellFile } from '../../../injector/environment/shell.ts';
import type { Variable } from '../../../injector/environment/variable.ts';
import { Secret } from '../../../injector/secret.ts';
import { renderParts } from '../support/rendering.ts';

type Pairs = Record<string, string>;

/** Bash takes a socket for a login from afar, and reads a file of its own first. */
const QUIET: SpawnSyncOptionsWithStringEncoding = {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'pipe'],
  maxBuffer: 64 * 1024 * 1024,
};

const SHELLS = [['sh'], ['dash'], ['bash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program = '', ...rest]) => spawnSync(program, [...rest, '-c', ':']).status === 0,
);

const encode = (pairs: Pairs) =>
  encodeShellFile(Object.entries(pairs).map(([name, value]) => ({ name, value: new Secret(value) })));

type How = { readonly env?: Pairs; readonly keep?: string; readonly command?: readonly string[] };

/** Starts a command as a wrapped container is started, and gives what it writes, cut at each NUL. */
function start(
  t: Test,
  shell: readonly string[],
  pairs: Pairs,
  { env = {}, keep = '', command = ['env', '-0'] }: How = {},
) {
  const file = join(t.testdir({}), 'environment.sh');
  writeFileSync(file, encode(pairs).content.reveal());
  const wrapper = `aws_secrets_injector_keep='${keep}'; . ${file} && unset aws_secrets_injector_keep && exec "$@"`;
  const clean = ['-i', 'PATH=/usr/bin:/bin', ...Object.entries(env).map((pair) => pair.join('='))];
  const { status, stdout, stderr } = spawnSync('env', [...clean, ...shell, '-c', wrapper, 'sh', ...command], QUIET);
  if (status !== 0) throw new Error(stderr.slice(0, 1000));
  return stdout.split('\0').slice(0, -1);
}

const environmentOf = (lines: readonly string[]) =>
  new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

const NASTY: Pairs = {
  PLAIN: 'x',
  EMPTY: '',
  BLANK: '  a b\t',
  EQUALS: 'a=b=c',
  QUOTE: "it's",
  QUOTES: `'"'"'`,
  DOLLAR: '$HOME $\u007bHOME} $(id) `id`',
  BACKSLASH: 'a\\nb\\',
  HASH: '#a # b',
  LINES: '\na\nb\n',
  RETURN: 'a\r\nb\r',
  TABS: '\ta\tb',
  UNICODE: 'żółć 😀',
  CASE: "esac ;; *) ' ;; esac",
  GLOB: '* ? [a] ~',
  LONG: 'x\'"$'.repeat(15_000),
  ENOUGH: 'x'.repeat(131_071 - 'ENOUGH='.length),
};

t.ok(SHELLS.length >= 2, 'there are shells to ask');

for (const shell of SHELLS) {
  const name = shell.join(' ');

  t.test(`${name} gives every value to the command`, async (t) => {
    const env = environmentOf(start(t, shell, NASTY));
    for (const [variable, value] of Object.entries(NASTY)) t.ok(env.get(variable) === value, variable);
  });

  t.test(`${name} gives random values to the command`, async (t) => {
    const unit = fc.constantFrom(...`ab '"\`$\\{}()#=!\n\r\t\uFEFFé😀;&|<>*?~%`);
    const values = fc.sample(fc.string({ unit, maxLength: 30 }), 300);
    const pairs = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
    const env = environmentOf(start(t, shell, pairs));
    t.strictSame(Object.fromEntries(Object.keys(pairs).map((variable) => [variable, env.get(variable)])), pairs);
  });

  t.test(`${name} leaves alone what the container sets itself, even to nothing`, async (t) => {
    const own = { A: 'own', AB: '', B: "o'wn" };
    const pairs = { A: 'ours', AB: 'ours', B: 'ours', ABC: 'ours', C: 'ours' };
    const env = environmentOf(start(t, shell, pairs, { env: own, keep: ' A AB B ' }));
    t.match(Object.fromEntries(env), { ...own, ABC: 'ours', C: 'ours' });
    t.notOk(env.has('aws_secrets_injector_keep'));
  });

  t.test(`${name} leaves the command's arguments as they are`, async (t) => {
    const words = ['', 'a b', "it's", '$HOME', '*', '\n', '\\', '-x'];
    t.strictSame(start(t, shell, NASTY, { command: ['printf', '%s\\0', ...words] }), words);
  });

  t.test(`${name} gives the command every variable of a name that is not refused`, async (t) => {
    const known = spawnSync('env', ['-i', 'bash', '-c', 'compgen -v'], QUIET).stdout.split('\n');
    const names = [...known, 'IFS', 'MAIL', 'HOME', 'PWD', 'OLDPWD', 'LC_ALL', 'TMOUT', 'ENV', 'POSIXLY_CORRECT'];
    const value = 'a[$(exit 3)] b';
    for (const variable of new Set(names.filter((each) => each !== ''))) {
      if (encode({ [variable]: value }).failures.length > 0) continue;
      const lines = start(t, shell, { [variable]: value }, { command: ['/usr/bin/env', '-0'] });
      t.equal(environmentOf(lines).get(variable), value, variable);
    }
  });
}

t.test('the names that a shell keeps to itself are refused by name, with the way out', async (t) => {
  const names = ['UID', 'RANDOM', '_', 'OPTIND', 'aws_secrets_injector_keep', 'a-b', '1x', ''];
  const { failures } = encode(Object.fromEntries(names.map((variable) => [variable, 'x'])));
  t.strictSame(failures.map(({ subject }) => subject).sort(), [...names].sort());
  t.ok(failures.every(({ code, fix }) => code === 'ASI_OUT_NAME' && /Rename/.test(fix ?? '')));
});

t.test('values that no variable can hold are refused by name', async (t) => {
  const { failures } = encode({ NUL: 'a\0b', LARGE: 'x'.repeat(131_072 - 'LARGE='.length) });
  t.match(failures, [
    { code: 'ASI_OUT_VALUE', subject: 'NUL', headline: 'A shell can not give the variable "NUL" to its command.' },
    { code: 'ASI_ENV_SIZE', subject: 'LARGE' },
  ]);
  const binary = encodeShellFile([{ name: 'BYTES', value: new Secret(new Uint8Array([255])) }]);
  t.match(binary.failures, [{ code: 'ASI_OUT_VALUE', subject: 'BYTES' }]);
});

type Refusal = Omit<Variable, 'value'> & { text?: string; bytes?: string; failure: unknown };

t.test('each refusal has the whole of its words', async (t) => {
  const file = new URL('../../fixtures/env-files/shell.yaml', import.meta.url);
  for (const { text = '', bytes, failure, ...variable } of parse(readFileSync(file, 'utf8')) as Refusal[]) {
    const value = new Secret(bytes === undefined ? text : Buffer.from(bytes, 'hex'));
    t.strictSame(encodeShellFile([{ ...variable, value }]).failures, [failure], JSON.stringify(variable));
  }
});

t.test(
  'a MiB in all is taken, and a byte more is refused with the three largest names and the whole size',
  async (t) => {
    const many = (last: number) =>
      Object.fromEntries([
        ...Array.from({ length: 8 }, (_, index) => [`V${index}`, 'x'.repeat(131_000 + index)]),
        ['W', 'x'.repeat(last)],
      ]);
    const room = 1_048_576 - 'W='.length - 1 - 8 * (131_000 + 'V0='.length + 1) - 28;
    t.strictSame(encode(many(room)).failures, []);
    t.strictSame(encode(many(room + 1)).failures, [
      {
        code: 'ASI_ENV_SIZE',
        subject: 'env',
        headline: 'The 9 variables have 1048577 bytes together; 1048576 are safe.',
        cause: 'The largest: V7 (131010 bytes), V6 (131009 bytes), V5 (131008 bytes).',
      },
    ]);
  },
);

t.test('a variable of 131,072 bytes is refused, and the fix is a file', async (t) => {
  t.strictSame(encode({ A: 'x'.repeat(131_069) }).failures, []);
  t.match(encode({ A: 'x'.repeat(131_070) }).failures, [
    {
      cause: 'With its name it has 131072 bytes, and Linux takes 131071.',
      fix: 'Write it to a file of its own (files).',
    },
  ]);
});

t.test('more than a MiB in all is refused with the largest names', async (t) => {
  const pairs = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`V${index}`, 'x'.repeat(100_000)]));
  t.match(encode(pairs).failures, [{ code: 'ASI_ENV_SIZE', cause: /^The largest: V10 \(100004 bytes\), / }]);
});

t.test('the shell gets variables of their own before those of expansions, and a name once', async (t) => {
  const environment = { directory: '/environment', delivery: 'shell' } as const;
  const { files, modes, failures } = renderParts(
    [
      { value: 'own', variables: [{ name: 'B' }] },
      { value: '{"A":"1","B":"1"}', expansions: [{ prefix: '' }] },
    ],
    { environment },
  );
  t.strictSame(failures, []);
  t.strictSame(modes, { 'shell/environment.sh': '644' });
  const text = files['/environment/shell/environment.sh'] ?? '';
  t.strictSame(text.match(/export \w+='\w+'/g), ["export A='1'", "export B='own'"]);
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { SENTINEL } from '../../../injector/contract/names.ts';
import {
  type KubeletEntry,
  kubeletFiles,
  sentinelFailures,
  sentinelFile,
} from '../../../injector/environment/kubelet.ts';
import { Secret } from '../../../injector/secret.ts';
import { readVariable } from '../support/kubelet.ts';
import { renderParts } from '../support/rendering.ts';

const entry = (value: string | Uint8Array, more: Partial<KubeletEntry> = {}): KubeletEntry => ({
  path: 'file',
  key: 'KEY',
  value: new Secret(value),
  ...more,
});

const written = (each: KubeletEntry) => {
  const { files, failures } = kubeletFiles([each], 'kubelet');
  return { file: files[0]?.content.reveal(), failures };
};

/** The value as the kubelet reads it back; undefined where it was refused. */
const delivered = (value: string, key = 'KEY') => {
  const { file } = written(entry(value, { key }));
  return file === undefined ? undefined : readVariable(file, key)?.toString();
};

t.test('the kubelet reads back every value that is not refused, and none that it can read is', async () => {
  const unit = fc.constantFrom(...`ab "\`$\\{}()#=!\n\r\t\uFEFFé😀;&|<>*?~%'\0`);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 20 }), fc.string({ unit: 'binary' })), (value) => {
      const text = value.toWellFormed();
      return delivered(text) === (text === '' || /'|\r\n|\0/.test(text) ? undefined : text);
    }),
    { numRuns: 3000 },
  );
});

t.test('any name that a fileKeyRef may ask for works or is refused', async () => {
  const unit = fc.constantFrom(...'abcXYZ019_-.#:/ \\$"`=\t');
  fc.assert(
    fc.property(fc.string({ unit, minLength: 1, maxLength: 8 }), (key) => {
      return delivered('x', key) === (/^[!-<>-~]+$/.test(key) && !key.startsWith('#') ? 'x' : undefined);
    }),
    { numRuns: 2000 },
  );
});

t.test('what the grammar can not carry is refused with the variable, the reason and the way out', async (t) => {
  const cases: [string | Uint8Array, RegExp, RegExp][] = [
    [
      "it's",
      /single quote/,
      /^Set \S+: shell, .* there; or deliver it as a file \(\S+\); or exclude the quote .*ExcludeCharacters[^;]*\.$/,
    ],
    ['a\r\nb', /\\r\\n/, /env-delivery: shell/],
    ['', /empty/, /env-delivery: shell/],
    ['a\0b', /NUL/, /Deliver it as a file/],
    [new Uint8Array([0xc3, 0x28]), /not UTF-8/, /Deliver it as a file/],
    [`a\n${'x'.repeat(65_535)}`, /longer than 65535 bytes/, /env-delivery: shell/],
  ];
  for (const [value, cause, fix] of cases) {
    const { file, failures } = written(entry(value));
    t.equal(file, undefined);
    t.match(failures, [
      {
        code: 'ASI_ENV_VALUE',
        subject: 'KEY',
        headline: 'The variable "KEY" can not be delivered by the kubelet.',
        cause,
        fix,
      },
    ]);
  }
});

t.test('a line may have 65,535 bytes with its name and quotes, in any encoding', async (t) => {
  const room = 65_535 - "KEY=''".length;
  t.equal(delivered('x'.repeat(room))?.length, room);
  t.equal(delivered('x'.repeat(room + 1)), undefined);
  t.equal(delivered('é'.repeat(room / 2 + 1)), undefined);
  t.equal(delivered(`${'x'.repeat(room + 2)}\n${'x'.repeat(60_000)}`), undefined);
  const lines = `${'x'.repeat(60_000)}\n${'y'.repeat(60_000)}`;
  t.ok(delivered(lines) === lines);
});

for (const delivery of ['kubelet', 'shell', 'file'] as const) {
  t.test(`a value that exists and can not be delivered stops the pod, whatever its default: ${delivery}`, async (t) => {
    const isKubelet = delivery === 'kubelet';
    const more = isKubelet
      ? { environment: { directory: '/environment', delivery } }
      : delivery === 'shell'
        ? { environment: { directory: '/environment', delivery } }
        : { envFile: { path: '.env', format: 'dotenv', mode: '0444' } as const };
    const values = isKubelet ? ["it's", 'a\r\nb', 'a\0b', '', `${'x'.repeat(65_536)}`] : ['a\0b'];
    for (const value of values) {
      for (const lenient of [{ optional: true as const }, { default: 'changeme' }]) {
        const outputs = isKubelet
          ? { environment: [{ path: 'KEY', key: 'KEY', ...lenient }] }
          : { variables: [{ name: 'KEY', ...lenient }] };
        const { failures, warnings } = renderParts([{ value, ...outputs }], more);
        t.equal(failures.length, 1, JSON.stringify([value.slice(0, 9), lenient]));
        t.match(failures[0], /"KEY" can not|the variable "KEY"/);
        t.strictSame(warnings, []);
      }
    }
  });
}

t.test('what does not exist and is optional is an empty file, which the kubelet takes as unset', async (t) => {
  const { file, failures } = written(entry('', { value: undefined }));
  t.equal(readVariable(file ?? Buffer.of(1), 'KEY'), undefined);
  t.strictSame(failures, []);
});

t.test('more than Linux starts a process with is refused by name', async (t) => {
  const line = 'x'.repeat(60_000);
  const large = [line, line, 'y'.repeat(131_071 - 120_002 - 'KEY='.length)].join('\n');
  t.ok(delivered(large) === large);
  const { failures } = written(entry(`${large}y`));
  t.match(failures, [{ code: 'ASI_ENV_SIZE', subject: 'KEY', cause: /131072 bytes, and Linux takes 131071/ }]);
  const many = Array.from({ length: 20 }, (_, index) => entry(line, { key: `V${index}`, path: `${index}` }));
  const total = kubeletFiles([...many, entry(large, { key: 'BIG' })], 'kubelet').failures;
  t.match(total, [
    { code: 'ASI_ENV_SIZE', headline: /^The 21 variables have 13\d{5} bytes/, cause: /: BIG \(\d+ bytes\), V\d+ / },
  ]);
});

t.test(
  'files for the kubelet go to the directory of variables, closed to others, with the sentinel where asked for',
  async (t) => {
    const environment = { directory: '/environment', delivery: 'kubelet', sentinel: true } as const;
    const outputs = [
      { path: 'PASSWORD', key: 'PASSWORD', jmesPath: 'password' },
      { path: 'db/user', key: 'user', jmesPath: 'user' },
      { path: 'db/user', key: 'user', jmesPath: 'user' },
      { path: 'GONE', key: 'GONE', jmesPath: 'gone', optional: true as const },
      { path: 'PORT', key: 'PORT', jmesPath: 'port', type: 'any' as const },
    ];
    const { files, modes, failures } = renderParts(
      [{ value: '{"password":"p$w","user":"u","port":5432}', environment: outputs }],
      { environment },
    );
    t.strictSame(failures, []);
    t.strictSame(files, {
      '/environment/PASSWORD': "PASSWORD='p$w'\n",
      '/environment/db/user': "user='u'\n",
      '/environment/GONE': '',
      '/environment/PORT': "PORT='5432'\n",
      [`/environment/${SENTINEL.path}`]: `${SENTINEL.key}='${SENTINEL.value}'\n`,
    });
    t.ok(Object.values(modes).every((mode) => mode === '400'));
  },
);

t.test('the sentinel says whether the kubelet delivered', async (t) => {
  const value = readVariable(sentinelFile().content.reveal(), SENTINEL.key)?.toString();
  t.strictSame(sentinelFailures(value), []);
  for (const other of [undefined, '']) {
    const headline = 'The variables of this pod can not be delivered on this node.';
    t.strictSame(sentinelFailures(other), [{ code: 'ASI_ENV_UNSUPPORTED', subject: 'node', headline }]);
  }
});

t.test(
  'a key of a Secret that can not be delivered is named with the variables and the containers that refer to it',
  async (t) => {
    const file = { path: '.secrets/db/password', key: 'password' };
    const app = { container: 'app', variable: 'PASSWORD', shell: true as const };
    const web = { container: 'web', variable: 'DB.PASSWORD' };
    const readFile = /[Ll]et the container read the file of its SecretProviderClass/;
    const byShell = /^Set \S+env-delivery: shell, .*needs a command in the pod/;
    for (const value of ["it's", 'a\r\nb', '']) {
      const failureOf = (readers: NonNullable<KubeletEntry['readers']>, delivery: 'kubelet' | 'shell') =>
        kubeletFiles([{ ...file, value: new Secret(value), readers }], delivery).failures[0];
      const one = failureOf([app], 'kubelet');
      const from = 'from the key "password" of the Secret "db", can not be delivered by the kubelet.';
      t.equal(one?.headline, `The variable "PASSWORD" of container "app", ${from}`);
      t.match(one?.fix, byShell);
      t.match(one?.fix, readFile);
      const two = failureOf([app, web], 'kubelet');
      t.equal(
        two?.headline,
        `The variable "PASSWORD" of container "app" and "DB.PASSWORD" of container "web", ${from}`,
      );
      t.match(two?.fix, readFile);
      t.notMatch(two?.fix, /shell/, 'a shell has no such name');
      t.notMatch(failureOf([app], 'shell')?.fix, /shell/, 'the pod has it already');
    }
  },
);

type Refusal = Partial<KubeletEntry> & {
  text?: string;
  bytes?: string;
  delivery: 'kubelet' | 'shell';
  failure: unknown;
};

t.test('each refusal has the whole of its words', async (t) => {
  const file = new URL('../../fixtures/env-files/kubelet.yaml', import.meta.url);
  for (const { text = '', bytes, delivery, failure, ...more } of parse(readFileSync(file, 'utf8')) as Refusal[]) {
    const value = bytes === undefined ? text : Buffer.from(bytes, 'hex');
    t.strictSame(kubeletFiles([entry(value, more)], delivery).failures, [failure], JSON.stringify({ text, ...more }));
  }
});

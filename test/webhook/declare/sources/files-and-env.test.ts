import t from 'tap';
import { declare } from '../../../../webhook/declare/declare.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';

const ENV_FILE = { 'env-delivery': 'file', 'env-file': 'app.env' };

function objects(own: Readonly<Record<string, string>>): unknown {
  const result = declare(annotationsOf(own), CONTEXT);
  return result.ok ? result.declaration.objects : result.refusals.map(({ message }) => message);
}

function messages(own: Readonly<Record<string, string>>): string[] {
  const result = declare(annotationsOf(own), CONTEXT);
  return result.ok ? [] : result.refusals.map(({ code, message }) => `${code} ${message}`);
}

t.test('a map of files is the short form of objects', async (t) => {
  t.strictSame(objects({ files: 'tls/key.pem: app1/tls#key\ntls/cert.pem: app1/tls#cert\non: ssm:/0644?version=3' }), [
    {
      service: 'secretsmanager',
      name: 'app1/tls',
      files: [
        { path: 'tls/key.pem', mode: '0644', jmesPath: 'key', type: 'any' },
        { path: 'tls/cert.pem', mode: '0644', jmesPath: 'cert', type: 'any' },
      ],
    },
    { service: 'ssm', name: '/0644', version: '3', files: [{ path: 'on', mode: '0644' }] },
  ]);
});

t.test('text is taken as it is written, whatever YAML would make of it', async (t) => {
  t.match(objects({ files: '0x1: 0644\n1.10: yes' }), [
    { name: '0644', files: [{ path: '0x1' }] },
    { name: 'yes', files: [{ path: '1.10' }] },
  ]);
});

t.test('variables and files of one source are fetched once', async (t) => {
  const own = { ...ENV_FILE, files: 'db: app1/db', env: 'USER: app1/db#user\non: app1/db#on', 'env-from': '- app1/db' };
  t.strictSame(objects(own), [
    {
      service: 'secretsmanager',
      name: 'app1/db',
      files: [{ path: 'db', mode: '0644' }],
      variables: [
        { name: 'USER', jmesPath: 'user', type: 'any' },
        { name: 'on', jmesPath: 'on', type: 'any' },
      ],
      expansions: [{ prefix: '' }],
    },
  ]);
});

t.test('env-from takes references, and prefixes', async (t) => {
  const own = { 'env-file': 'x', 'env-from': '- a?stage=S#inner\n- {from: ssm:/b, prefix: DB_}\n- from: c' };
  t.strictSame(objects(own), [
    { service: 'secretsmanager', name: 'a', label: 'S', expansions: [{ prefix: '', jmesPath: 'inner' }] },
    { service: 'ssm', name: '/b', expansions: [{ prefix: 'DB_' }] },
    { service: 'secretsmanager', name: 'c', expansions: [{ prefix: '' }] },
  ]);
});

t.test('env-from takes names and keys to leave out, also below a path', async (t) => {
  const entry = '- {from: a#in, names: upper, exclude: [debug, "internal-*"], optional: true}\n';
  const own = { 'env-file': 'x', 'env-from': `${entry}- {from: ssm:/b/, names: upper, exclude: ["*/old"]}` };
  const result = declare(annotationsOf(own), CONTEXT);
  const names = { prefix: '', names: 'upper' };
  t.match(result, {
    declaration: {
      objects: [{ expansions: [{ ...names, exclude: ['debug', 'internal-*'], jmesPath: 'in', optional: true }] }],
      searches: [{ service: 'ssm', path: '/b', expansions: [{ ...names, exclude: ['*/old'] }] }],
    },
  });
});

t.test('the name of the env file says its format, unless the annotation does', async (t) => {
  const formatOf = (path: string, more = {}) => {
    const result = declare(annotationsOf({ env: 'A: b', 'env-delivery': 'file', 'env-file': path, ...more }), CONTEXT);
    return result.ok && result.declaration.envFile?.format;
  };
  const names = ['.env', 'a/.env', '.env.local', 'app.env', '.envrc', 'env', 'app.json', '.env.json', 'json', '.env/a'];
  t.strictSame(
    names.map((name) => formatOf(name)),
    ['dotenv', 'dotenv', 'dotenv', 'shell', 'shell', 'shell', 'json', 'json', 'shell', 'shell'],
  );
  t.equal(formatOf('.env', { 'env-file-format': 'shell' }), 'shell');
  t.equal(formatOf('.env', { 'env-file-format': 'python-dotenv' }), 'python-dotenv');
});

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['files', '', 'ASI_ADMIT_EMPTY files: is an empty map'],
  ['files', '{}', 'ASI_ADMIT_EMPTY files: is an empty map'],
  ['files', '- a', 'ASI_ADMIT_INVALID_VALUE files: is not a YAML map'],
  ['files', 'a: [', 'ASI_ADMIT_INVALID_VALUE files: is not YAML: line 1: '],
  ['files', 'a: b\n---\nc: d', 'ASI_ADMIT_INVALID_VALUE files: holds more than one YAML document'],
  ['files', 'a: b\na: c', 'ASI_ADMIT_INVALID_VALUE files: "a" is there twice'],
  ['files', 'a:', 'ASI_ADMIT_INVALID_VALUE files: "a" has no reference'],
  ['files', 'a: null', 'ASI_ADMIT_INVALID_VALUE files: "a" has no reference'],
  ['files', 'a: [b]', 'ASI_ADMIT_INVALID_VALUE files: "a" is not one text'],
  ['files', '[a]: b', 'ASI_ADMIT_INVALID_VALUE files: "" has a key that is not text'],
  ['files', 'a: b #password', 'ASI_ADMIT_INVALID_VALUE files: "a" ends in a space and "#"'],
  ['files', 'a: *b', 'ASI_ADMIT_INVALID_VALUE files: is not YAML: unknown anchor b'],
  ['files', '/etc: b', 'ASI_ADMIT_INVALID_FILE_NAME files: "/etc" is a system folder, which the mount would hide;'],
  ['files', '../x: b', 'ASI_ADMIT_INVALID_FILE_NAME files: "../x" has the path element ".."'],
  ['files', '"": b', 'ASI_ADMIT_INVALID_FILE_NAME files: "" is an empty file name'],
  ['files', '"a\\0": b', 'ASI_ADMIT_INVALID_FILE_NAME files: "a?" has a control character'],
  ['files', '"\\ud800": b', 'ASI_ADMIT_INVALID_FILE_NAME files: "\ufffd" has a control character'],
  ['files', 'a: b:c', 'ASI_ADMIT_INVALID_REFERENCE files: a: the reference "b:c" does not start with a known service'],
  ['files', 'a: x\na/b: y', 'ASI_ADMIT_FILE_COLLISION files: a and a/b write the files a and a/b'],
  ['env', '{}', 'ASI_ADMIT_EMPTY env: is an empty map'],
  ['env', 'a-b: x', 'ASI_ADMIT_INVALID_VARIABLE env: "a-b" is not a name of a variable'],
  ['env', '1a: x', 'ASI_ADMIT_INVALID_VARIABLE env: "1a" is not a name of a variable'],
  ['env', '"A\\n": x', 'ASI_ADMIT_INVALID_VARIABLE env: "A?" is not a name of a variable'],
  ['env', 'A: x\nA: y', 'ASI_ADMIT_INVALID_VALUE env: "A" is there twice'],
  ['env', 'A: x#', 'ASI_ADMIT_INVALID_REFERENCE env: A: the reference "x#" has an empty JMESPath'],
  ['env-from', '[]', 'ASI_ADMIT_EMPTY env-from: is an empty list'],
  ['env-from', 'a', 'ASI_ADMIT_INVALID_VALUE env-from: is not a YAML list'],
  ['env-from', '- a #b', 'ASI_ADMIT_INVALID_VALUE env-from: entry 1 ends in a space and "#"'],
  ['env-from', '- ', 'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has no reference'],
  ['env-from', '- ssm:app1/', 'ASI_ADMIT_INVALID_REFERENCE env-from: entry 1: the reference "ssm:app1/" is a path'],
  ['env-from', '- ssm:/a//', 'ASI_ADMIT_INVALID_REFERENCE env-from: entry 1: the reference "ssm:/a//" has an empty'],
  ['env-from', '- ssm:/app1/#x', 'ASI_ADMIT_INVALID_REFERENCE env-from: entry 1: the reference "ssm:/app1/#x" is a'],
  ['env-from', '- app1/db?stage=', 'ASI_ADMIT_INVALID_REFERENCE env-from: entry 1: the reference "app1/db?stage=" has'],
  [
    'env-from',
    '- {path: /app1/}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has the unknown key "path"; the keys are',
  ],
  [
    'env-from',
    '- {from: a, optional: 2}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has a value of optional that is neither true nor',
  ],
  ['env', 'A: {from: b, form: c}', 'ASI_ADMIT_INVALID_VALUE env: "A" has the unknown key "form"; did you mean from?'],
  ['env', 'A: {from: b, mode: "0600"}', 'ASI_ADMIT_INVALID_VALUE env: "A" has the unknown key "mode"; the keys'],
  ['env', 'A: {optional: true}', 'ASI_ADMIT_INVALID_VALUE env: "A" has no reference; write one'],
  ['env', 'A: {from: [b]}', 'ASI_ADMIT_INVALID_VALUE env: "A" has a problem with from: it is not one text;'],
  ['env', 'A: {from: b#}', 'ASI_ADMIT_INVALID_REFERENCE env: A: the reference "b#" has an empty JMESPath'],
  [
    'env',
    'A: {from: b, optional: maybe}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has a value of optional that is neither true nor false;',
  ],
  ['env', 'A: {from: b, type: text}', 'ASI_ADMIT_INVALID_VALUE env: "A" has an unknown type;'],
  [
    'env',
    'A: {from: b, default: [x]}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has a problem with default: it is not one text;',
  ],
  [
    'env',
    'A: {from: b, default: "\\ud800"}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has a default that is not valid Unicode;',
  ],
  ['env', 'A: {__proto__: b}', 'ASI_ADMIT_INVALID_VALUE env: "A" has the unknown key "__proto__";'],
  ['files', 'a: {from: b, mode: 420}', 'ASI_ADMIT_INVALID_VALUE files: "a" has an invalid mode;'],
  [
    'files',
    'a: {from: b, Mode: "0600"}',
    'ASI_ADMIT_INVALID_VALUE files: "a" has the unknown key "Mode"; did you mean mode?',
  ],
  [
    'env-from',
    '- {form: a}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has the unknown key "form"; did you mean from?',
  ],
  ['env-from', '- {from: a, prefix: a-}', 'ASI_ADMIT_INVALID_VARIABLE env-from: entry 1 has a prefix'],
  [
    'env-from',
    '- {from: a, names: Upper}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has unknown names; write names: upper',
  ],
  [
    'env-from',
    '- {from: a, exclude: b}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has an exclude that is not a list;',
  ],
  [
    'env-from',
    '- {from: a, exclude: [[b]]}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has a problem in exclude: an entry',
  ],
  [
    'env-from',
    `- {from: a, exclude: [${'b, '.repeat(101)}]}`,
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 excludes more than 100 keys;',
  ],
  [
    'env-from',
    `- {from: a, exclude: [${'b'.repeat(513)}]}`,
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 excludes a key of more than 512 characters;',
  ],
  ['env-from', '- {prefix: a}', 'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has no reference'],
];

t.test('what is wrong in a map or list is refused by name, with the fix', async (t) => {
  for (const [name, text, start] of REFUSED) {
    const [message = 'accepted', ...more] = messages(
      name === 'files' ? { files: text } : { ...ENV_FILE, [name]: text },
    );
    t.equal(message.slice(0, start.length), start, `${name}: ${text}`);
    t.match(message, /; /, `${message}: names the fix`);
    t.strictSame(more, [], `${name}: ${text}: nothing else`);
  }
});

t.test('a comment with its space is a comment', async (t) => {
  t.match(objects({ files: '# all\na: b # the password\n#last\n' }), [{ name: 'b' }]);
});

t.test('files and variables may be optional or have a default, and type: any changes nothing', async (t) => {
  const files = 'a: {from: s#x, optional: true}\nb: {from: s, default: 0644, mode: 0400}\nc: {from: s#y, type: any}';
  t.strictSame(objects({ files }), [
    {
      service: 'secretsmanager',
      name: 's',
      files: [
        { path: 'a', mode: '0644', jmesPath: 'x', type: 'any', optional: true },
        { path: 'b', mode: '0400', default: '0644' },
        { path: 'c', mode: '0644', jmesPath: 'y', type: 'any' },
      ],
    },
  ]);
});

t.test('references are asked for in the second region too, ARNs as those of their replicas', async (t) => {
  const arn = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:us-west-2-AbCdEf';
  const own = { ...ENV_FILE, files: `a: ${arn}`, env: 'A: ssm:/p?version=3', 'env-from': '- j\n- ssm:/x/' };
  const result = declare(annotationsOf({ ...own, 'failover-region': 'eu-west-1' }), CONTEXT);
  const failover = { region: 'eu-west-1' };
  t.match(result, {
    declaration: {
      objects: [
        { failover: { ...failover, name: arn.replace(':us-west-2:', ':eu-west-1:') } },
        { failover: { ...failover, name: '/p', version: '3' } },
        { failover: { ...failover, name: 'j' } },
      ],
      searches: [{ service: 'ssm', path: '/x', failoverRegion: 'eu-west-1', expansions: [{ prefix: '' }] }],
    },
  });
});

t.test('prototype-polluting names are names', async (t) => {
  const own = { ...ENV_FILE, files: '__proto__: a\nconstructor: b', env: '__proto__: c' };
  t.match(objects(own), [
    { name: 'a', files: [{ path: '__proto__' }] },
    { name: 'b', files: [{ path: 'constructor' }] },
    { name: 'c', variables: [{ name: '__proto__' }] },
  ]);
});

t.test('the env file is a file like the others', async (t) => {
  t.match(messages({ ...ENV_FILE, env: 'A: b', files: 'app.env: c' }), [
    /^ASI_ADMIT_FILE_COLLISION files: app.env and env-file app.env both write the file app.env; /,
  ]);
  t.match(messages({ ...ENV_FILE, env: 'A: b', files: 'app.env/x: c' }), [
    /^ASI_ADMIT_FILE_COLLISION env-file: app.env and /,
  ]);
  t.match(messages({ ...ENV_FILE, env: 'A: b', 'env-file': '../x' }), [
    /^ASI_ADMIT_INVALID_VALUE env-file: "..\/x" has /,
  ]);
  t.match(messages({ ...ENV_FILE, env: 'A: b', 'env-file-format': 'toml' }), [
    /^ASI_ADMIT_INVALID_VALUE env-file-format: /,
  ]);
});

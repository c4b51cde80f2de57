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

const URL = '{template: "pg://{{ app1/db#user }}:{{ app1/db#password | urlencode }}@{{ ssm:/host }}"}';
const PARTS = [
  'pg://',
  { object: 0, jmesPath: 'user', type: 'any' },
  ':',
  { object: 0, jmesPath: 'password', type: 'any', filters: ['urlencode'] },
  '@',
  { object: 1 },
];

t.test('a template is a variable of text and values, whose sources are fetched once', async (t) => {
  const own = { ...ENV_FILE, env: `URL: ${URL}\nUSER: app1/db#user`, 'failover-region': 'eu-west-1' };
  const failover = (name: string) => ({ region: 'eu-west-1', name });
  t.match(declare(annotationsOf(own), CONTEXT), {
    declaration: {
      objects: [
        { name: 'app1/db', failover: failover('app1/db'), variables: [{ name: 'USER' }] },
        { service: 'ssm', name: '/host', failover: failover('/host') },
      ],
      templateVariables: [{ name: 'URL', parts: PARTS }],
      variables: [
        { name: 'URL', optional: false },
        { name: 'USER', optional: false },
      ],
    },
  });
});

t.test('a template says whether the kubelet delivers it', async (t) => {
  const kubeletOf = (own: Readonly<Record<string, string>>) => {
    const result = declare(annotationsOf({ env: `URL: ${URL}`, ...own }), CONTEXT);
    return result.ok && result.declaration.templateVariables.map(({ kubelet = false }) => kubelet);
  };
  t.strictSame(
    [{}, { 'env-file': 'app.env', 'env-from': '- a' }, ENV_FILE, { 'env-delivery': 'shell' }].map(kubeletOf),
    [[true], [true], [false], [false]],
  );
});

t.test('a reference in a template that starts with a slash is warned of', async (t) => {
  const result = declare(annotationsOf({ env: 'A: {template: "{{ /a/b }}"}' }), CONTEXT);
  t.match(result, { declaration: { warnings: [/^env: \/a\/b is a secret;/] } });
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

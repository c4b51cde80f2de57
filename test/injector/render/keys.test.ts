import t from 'tap';
import { sourceKey } from '../../../injector/contract/source.ts';
import { render } from '../../../injector/render/render.ts';
import { Secret } from '../../../injector/secret.ts';
import { configOf, type More, type Part, renderParts } from '../support/rendering.ts';

const envFile = { path: 'env.json', format: 'json', mode: '0444' } as const;
const folder = (more = {}) => ({ path: '', mode: '0444', slash: '_', ...more });

function variables(parts: Part[], more: More = {}) {
  const { files, failures } = renderParts(parts, { envFile, ...more });
  return { env: JSON.parse(files['/secrets/env.json'] ?? '') as Record<string, string>, failures };
}

const expand = (value: string, prefix = '') => variables([{ value, expansions: [{ prefix }] }]);

const spread = (value: string, more = {}) => renderParts([{ value, folders: [folder(more)] }]);

t.test('an expansion gives text as text, and all else in the words of the source', async (t) => {
  const { env } = expand('{"s":"x","n":1.50,"b":true,"o":{ "k" : null },"h":1e400,"big":12345678901234567890}');
  t.strictSame(env, { s: 'x', n: '1.50', b: 'true', o: '{ "k" : null }', h: '1e400', big: '12345678901234567890' });
});

t.test('keys with null are refused, all by name, as variables and as files', async (t) => {
  const value = '{"a":"x","y":null,"z":null}';
  const [variable] = expand(value).failures;
  t.equal(variable, 'ASI_OUT_JSON_NULL s0: env-from can not deliver null. The value of "y", "z" is null.');
  const [file] = spread(value).failures;
  t.equal(file, 'ASI_OUT_JSON_NULL s0: expand can not deliver null. The value of "y", "z" is null.');
  const expansions = [{ prefix: '', jmesPath: 'in', optional: true as const }];
  const { failures } = variables([{ value: '{"in":null}', expansions }]);
  t.strictSame(failures, ['ASI_OUT_JSON_NULL s0: env-from needs a JSON object at in. There is null.']);
});

t.test('keys are converted as External Secrets does, then prefixed', async (t) => {
  t.strictSame(expand('{"foo$bar%baz*bing":"x","/a/b":"y","a.b-c":"z","":"dropped"}', 'P_').env, {
    P_foo_bar_baz_bing: 'x',
    P__a_b: 'y',
    'P_a.b-c': 'z',
  });
});

const shellFile = { path: 'env', format: 'shell', mode: '0444' } as const;

/** Returns the names that the shell reads, or the failures. */
function names(value: string, expansion = {}, more: More = {}): readonly string[] {
  const config = { envFile: shellFile, ...more };
  const { files, failures } = renderParts([{ value, expansions: [{ prefix: '', ...expansion }] }], config);
  return failures.length > 0 ? failures : ((files['/secrets/env'] ?? '').match(/^\w+(?==)/gm) ?? []);
}

const keys = (...all: string[]) => JSON.stringify(Object.fromEntries(all.map((key) => [key, 'x'])));

t.test('with the names upper keys become capitals and _, behind the prefix as it is', async (t) => {
  const all = keys('feature-flags', 'log.level', 'db/password', '/abs', 'camelCase', 'OK_1', 'a b', 'é😀');
  t.strictSame(names(all, { names: 'upper', prefix: 'shop_' }), [
    'shop_FEATURE_FLAGS',
    'shop_LOG_LEVEL',
    'shop_DB_PASSWORD',
    'shop__ABS',
    'shop_CAMELCASE',
    'shop_OK_1',
    'shop_A_B',
    'shop___',
  ]);
});

t.test('two keys that become one name in capitals are refused with both keys', async (t) => {
  t.strictSame(names(keys('a-b', 'A.b'), { names: 'upper' }), [
    'ASI_OUT_KEY_COLLISION s0: secret name collision during conversion: "A.b". The key "a-b" becomes "A_B" too.',
  ]);
});

t.test('excluded keys are left out, whatever they are, by name and by pattern', async (t) => {
  const value = '{"a":"x","a-b":"x","internal-x":"x","x/internal/y":"x","n":null,"z":"x"}';
  t.strictSame(names(value, { exclude: ['a-b', 'internal-*', '*/internal/*', 'n', '?', '[z]'] }), ['a', 'z']);
  const kept = (pattern: string, ...all: string[]) => names(keys(...all), { exclude: [pattern] });
  t.strictSame(kept('a*a', 'a', 'aa', 'aba'), ['a']);
  t.strictSame(kept('*b*b', 'ab', 'abb', 'bab'), ['ab']);
  t.strictSame(kept('A', 'a', 'A'), ['a']);
});

t.test('every key whose name can not be written is in one message, with entries that can be pasted', async (t) => {
  const failure = (value: string, expansion = {}) => {
    const config = configOf([{ expansions: [{ prefix: '', ...expansion }], label: 'AWSPREVIOUS' }], {
      envFile: shellFile,
    });
    const values = new Map(config.objects.map((object) => [sourceKey(object), new Secret(value)]));
    return render(config, { values, absent: new Map(), found: new Map() }).failures;
  };
  const dotted = failure(keys('OK', 'feature-flags', 'log.level'), { prefix: 'P_' });
  t.match(dotted, [
    {
      code: 'ASI_OUT_NAME',
      headline: 's0: as names of variables, these keys can not be written: "feature-flags", "log.level".',
      cause: 'A name needs letters, digits and _, and no digit first.',
    },
  ]);
  const fix =
    'Write in env-from: - {from: "s0?stage=AWSPREVIOUS", prefix: P_, names: upper}, or ' +
    '- {from: "s0?stage=AWSPREVIOUS", prefix: P_, exclude: ["feature-flags", "log.level"]} to leave them out.';
  t.strictSame(
    dotted.map((each) => each.fix),
    [fix],
  );
  const digit = failure(keys('1st', 'a-b'), { exclude: ['x*'] });
  t.strictSame(
    digit.map((each) => each.fix),
    ['Write in env-from: - {from: "s0?stage=AWSPREVIOUS", exclude: ["x*", "1st", "a-b"]} to leave them out.'],
  );
  const many = failure(keys(...Array.from({ length: 60 }, (_, index) => `${index}-x`)));
  t.match(many, [{ headline: /"49-x" and 10 more\.$/, fix: 'Name the keys that the app needs in env.' }]);
});

t.test('what a search found has names and exclusions too', async (t) => {
  const expansions = [{ prefix: '', names: 'upper' as const, exclude: ['db/*'] }];
  const searches: More['searches'] = [{ service: 'ssm', path: '/shop', expansions }];
  const found = [{ 'feature-flags': 'x', 'db/password': 'y' }];
  const { files } = renderParts([], { searches, found, envFile: shellFile });
  t.strictSame(files, { '/secrets/env': "FEATURE_FLAGS='x'\n" });
  const bare = renderParts([], {
    searches: [{ service: 'ssm', path: '/shop', expansions: [{ prefix: '' }] }],
    found,
    envFile: shellFile,
  });
  t.match(bare.failures, [
    /^ASI_OUT_NAME \/shop: as names of variables, these keys can not be written: "feature-flags"\./,
  ]);
});

const LOADERS = ['LD_PRELOAD', 'BASH_ENV', 'ENV', 'NODE_OPTIONS', 'PYTHONPATH', 'PERL5OPT', 'RUBYOPT', 'PATH', 'IFS'];
const loaders = JSON.stringify(Object.fromEntries(['user', ...LOADERS].map((name) => [name, 'x'])));

t.test('a key that becomes a variable which steers how programs start is warned of by name, once', async (t) => {
  const { warnings } = renderParts([{ value: loaders, expansions: [{ prefix: '' }] }], { envFile });
  t.strictSame(
    warnings,
    LOADERS.map(
      (name) =>
        `s0: the key "${name}" becomes the variable ${name}, which decides what code programs load. ` +
        'Give env-from a prefix, or name the keys that the app needs in env.',
    ),
  );
});

t.test('no such warning comes where a prefix stands before the key, or where the name is declared', async (t) => {
  const prefixed = renderParts([{ value: loaders, expansions: [{ prefix: 'DB_' }] }], { envFile });
  t.strictSame(prefixed.warnings, []);
  const variables = LOADERS.map((name) => ({ name }));
  const declared = renderParts([{ value: loaders, expansions: [{ prefix: '' }], variables }], { envFile });
  t.strictSame(declared.warnings, []);
});

t.test('two keys that become one variable are an error', async (t) => {
  t.strictSame(expand('{"a$b":"x","a_b":"y"}').failures, [
    'ASI_OUT_KEY_COLLISION s0: secret name collision during conversion: "a_b". The key "a$b" becomes "a_b" too.',
  ]);
});

t.test('what is no object is an error, and a null is called so', async (t) => {
  for (const value of ['[]', '"x"', 'plain', '']) {
    t.match(expand(value).failures, [/^ASI_OUT_EXPANSION s0: env-from needs a JSON object/]);
    t.match(spread(value).failures, [/^ASI_OUT_EXPANSION s0: expand needs a JSON object/]);
  }
  t.match(expand('null').failures, [/^ASI_OUT_JSON_NULL s0: env-from needs a JSON object\. There is null\.$/]);
});

t.test('an optional expansion may lack its object or its part, but not be of another kind', async (t) => {
  const expansions = [{ prefix: '', jmesPath: 'a', optional: true as const }];
  t.strictSame(variables([{ expansions }]), { env: {}, failures: [] });
  t.strictSame(variables([{ value: '{}', expansions }]), { env: {}, failures: [] });
  t.match(variables([{ value: '{"a":[]}', expansions }]).failures, [/^ASI_OUT_EXPANSION/]);
});

t.test('a later expansion wins over an earlier one, a variable of its own over both', async (t) => {
  const { env } = variables([
    { value: 'own', variables: [{ name: 'B' }] },
    { value: '{"A":"1","B":"1"}', expansions: [{ prefix: '' }] },
    { value: '{"A":"2","B":"2"}', expansions: [{ prefix: '' }] },
  ]);
  t.strictSame(env, { A: '2', B: 'own' });
});

t.test('__proto__ and constructor are keys like others, as variables and as files', async (t) => {
  const value = '{"__proto__":"x","constructor":"y"}';
  const entries = (pairs: Record<string, string>) => Object.entries(pairs).sort();
  t.strictSame(entries(expand(value).env), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  t.strictSame(spread(value).files, { '/secrets/__proto__': 'x', '/secrets/constructor': 'y' });
});

t.test('what a search found becomes files and variables', async (t) => {
  const searches: More['searches'] = [
    { service: 'ssm', path: '/app/', folders: [folder({ path: 'ssm' })], expansions: [{ prefix: 'P_' }] },
    { service: 'secretsmanager', prefix: 'app/', folders: [folder({ path: 'sm', slash: '/' })] },
  ];
  const found = [{ 'db/password': 'x', 'api-key': 'y' }, { 'app/one': 'z' }];
  const { files, failures } = renderParts([], { searches, found, envFile });
  t.strictSame(failures, []);
  t.strictSame(files, {
    '/secrets/ssm/db_password': 'x',
    '/secrets/ssm/api-key': 'y',
    '/secrets/sm/app/one': 'z',
    '/secrets/env.json': '{\n  "P_db_password": "x",\n  "P_api-key": "y"\n}\n',
  });
});

t.test('collisions in what a search found name the search and its keys', async (t) => {
  const searches: More['searches'] = [
    { service: 'ssm', path: '/app/', folders: [folder()], expansions: [{ prefix: '' }] },
    { service: 'secretsmanager', tags: { team: 'shop' }, folders: [folder()] },
  ];
  const found = [{ 'a/b': 'x', a_b: 'y' }, { a_b: 'z' }];
  const { failures } = renderParts([], { searches, found, envFile });
  t.strictSame(failures, [
    'ASI_OUT_KEY_COLLISION /app/: secret name collision during conversion: "a_b". The key "a/b" becomes "a_b" too.',
    'ASI_OUT_FILE_COLLISION a_b can not be written. It comes from the key "a/b" of /app/ and from the key "a_b" of /app/.',
    'ASI_OUT_FILE_COLLISION a_b can not be written. It comes from the key "a_b" of /app/ and from the key "a_b" of secrets with the tags {"team":"shop"}.',
  ]);
});

t.test('the parts and keys of what a search finds are rendered up to a number of files', async (t) => {
  const keys = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [at, ''])));
  const searches: More['searches'] = [{ service: 'ssm', path: '/app', folders: [folder({ expand: true })] }];
  const render = (...values: string[]) => renderParts([], { searches, found: [Object.fromEntries(values.entries())] });
  t.strictSame(render(keys(5_000), keys(5_000)).failures, []);
  const { failures, files } = render(keys(5_000), keys(5_001), keys(5_000));
  t.strictSame(failures, ['ASI_OUT_TOO_MANY /app: the parts and keys of what is found are more than 10000 files.']);
  t.equal(Object.keys(files).length, 10_001, 'the third one is left out');
});

t.test('a part whose path would be too long is a failure of its secret', async (t) => {
  const [part] = [{ path: 'x'.repeat(200), mode: '0444', jmesPath: 'a' }];
  const deep = { path: Array(20).fill('y'.repeat(200)).join('/'), slash: '_', parts: [part] };
  const searches: More['searches'] = [{ service: 'secretsmanager', prefix: 'a', folders: [folder(deep)] }];
  const { failures } = renderParts([], { searches, found: [{ [`a${'z'.repeat(60)}`]: '{"a":"x"}' }] });
  t.match(failures, [/^ASI_OUT_KEY_NAME az+: the key "x+…?" can not be a file.*longer than 4096 bytes/]);
});

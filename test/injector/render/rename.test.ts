/** Tests what becomes of keys that get other names, as files, as variables and as single keys. */
import t from 'tap';
import type { RenameStep } from '../../../injector/contract/rename.ts';
import { loadPatterns } from '../../../injector/plan/patterns.ts';
import { renameKeys } from '../../../injector/render/rename.ts';
import { configOf, type More, type Part, renderParts } from '../support/rendering.ts';

async function rendered(parts: readonly Part[], more: More = {}) {
  await loadPatterns(configOf(parts, more));
  return renderParts(parts, more);
}

const VALUE = '{"user":"u","port":5432,"none":null}';
const UPPER = [{ source: '^', target: 'DB_' }];
const folder = (rename: RenameStep[]) => ({ path: '', mode: '0444', slash: '_', rename });
const file = (key: string, more = {}) => ({ path: 'a', mode: '0444', pick: { key, rename: UPPER }, ...more });

/** Returns the new names of the keys; or the code and the cause. */
async function names(keys: readonly string[], rename: RenameStep[]) {
  await loadPatterns(configOf([{ folders: [folder(rename)] }]));
  const renamed = renameKeys(new Map(keys.map((key) => [key, key])), rename);
  return renamed.ok ? [...renamed.entries.keys()] : `${renamed.code} ${renamed.cause}`;
}

t.test('the conversions are those of External Secrets', async (t) => {
  const keys = ['a/b', 'é٣', '../x', '__proto__', 'c😀'];
  t.strictSame(await names(keys, ['Default']), ['a_b', 'é٣', '.._x', '__proto__', 'c_']);
  t.strictSame(await names(keys, ['Unicode']), ['a_U002f_b', 'é٣', '.._U002f_x', '__proto__', 'c_U1f600_']);
});

t.test('each step reads the names that the step before it made', async (t) => {
  const steps = [{ source: '^app/', target: '' }, { source: '^db', target: 'main' }, 'Unicode' as const];
  t.strictSame(await names(['app/db/x', 'db'], steps), ['main_U002f_x', 'main']);
});

t.test('a key whose name is empty at the end is left out', async (t) => {
  t.strictSame(await names(['a', 'b'], [{ source: '^a$', target: '' }]), ['b']);
});

t.test('two keys with one name are a failure, after any step', async (t) => {
  const cause = 'ASI_OUT_KEY_COLLISION Several keys get the name "x", one of which is "b".';
  t.equal(await names(['a', 'b'], [{ source: '.', target: 'x' }, 'Default']), cause);
  t.equal(
    await names(['a/b', 'a@b'], ['Default']),
    'ASI_OUT_KEY_COLLISION Several keys get the name "a_b", one of which is "a@b".',
  );
});

t.test('a name that no key of a Secret can have is a failure', async (t) => {
  t.equal(
    await names(['a/b'], UPPER),
    'ASI_OUT_KEY_NAME "DB_a/b" has a character that is no letter, digit, "-", "." or "_".',
  );
  t.match(
    await names(['a'], [{ source: 'a', target: 'a'.repeat(254) }]),
    /^ASI_OUT_KEY_NAME .* has more than 253 bytes\.$/,
  );
  const growing = Array.from({ length: 4 }, () => ({ source: '^(.*)$', target: '$1'.repeat(100) }));
  t.equal(
    await names(['a'], growing),
    `ASI_OUT_KEY_NAME The name that ${JSON.stringify(`${'a'.repeat(80)}…`)} gets is too long.`,
  );
});

t.test('10,000 found names are renamed', async (t) => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `app/${index}`);
  t.strictSame((await names(keys, [{ source: '^(a+)+pp/', target: 'k' }])).length, 10_000);
});

t.test('the keys of a folder have their new names, and .. is none', async (t) => {
  const { files } = await rendered([{ value: '{"user":"u"}', folders: [folder(UPPER)] }]);
  t.strictSame(files, { '/secrets/DB_user': 'u' });
  const { failures } = await rendered([{ value: '{"user":"u"}', folders: [folder([{ source: '.+', target: '..' }])] }]);
  t.match(failures[0], /^ASI_OUT_KEY_NAME s0: the key "\.\." can not be a file\./);
});

t.test('variables have the new names, of which exclude leaves some out', async (t) => {
  const envFile = { path: 'env.json', format: 'json', mode: '0444' } as const;
  const expansions = [{ prefix: 'P_', rename: UPPER, exclude: ['DB_port', 'DB_none'] }];
  const { files } = await rendered([{ value: VALUE, expansions }], { envFile });
  t.strictSame(JSON.parse(files['/secrets/env.json'] ?? ''), { P_DB_user: 'u' });
});

t.test('one key is taken by its new name, in the words of the value', async (t) => {
  t.strictSame((await rendered([{ value: VALUE, files: [file('DB_port')] }])).files, { '/secrets/a': '5432' });
});

t.test('a key that is not there names the keys that are, unless it may be missing', async (t) => {
  const { failures } = await rendered([{ value: VALUE, files: [file('port')] }]);
  t.strictSame(failures, [
    'ASI_OUT_JMES_MISSING s0: the file a needs the key "port", which is not there. The keys are "DB_user", "DB_port", "DB_none".',
  ]);
  const lenient = await rendered([{ value: VALUE, files: [file('port', { optional: true })] }]);
  t.strictSame([lenient.files, lenient.failures], [{}, []]);
});

t.test('a key with null, and a value that is no object, are failures', async (t) => {
  const { failures } = await rendered([{ value: VALUE, files: [file('DB_none')] }]);
  t.strictSame(failures, ['ASI_OUT_JSON_NULL s0: the file a can not have null. The value of "DB_none" is null.']);
  const text = await rendered([{ value: 'text', files: [file('DB_user')] }]);
  t.strictSame(text.failures, ['ASI_OUT_JSON s0: the file a needs a JSON object.']);
});

t.test('what a search finds has its whole name', async (t) => {
  const searches = [{ service: 'ssm', path: '/shop', folders: [folder(['Default'])] }] as const;
  const more = {
    searches: searches.map((one) => ({ ...one, folders: [...one.folders] })),
    found: [{ 'db/main': 'x' }],
  };
  t.strictSame((await rendered([], more)).files, { '/secrets/_shop_db_main': 'x' });
});

const MERGED: Readonly<
  Record<string, readonly [found: Record<string, string>, rename: RenameStep[], result: unknown]>
> = {
  'the keys of all objects, which later steps rename': [
    { 'db/a': '{"user":"u","port":5432}', 'db/b': '{"__proto__":"p"}' },
    ['Merge', { source: '^', target: 'X_' }],
    { '/secrets/X_user': 'u', '/secrets/X_port': '5432', '/secrets/X___proto__': 'p' },
  ],
  'names that are dropped may have any form': [
    { 'a b': '{"k":{"x": 1.50}}' },
    [{ source: '/', target: ' ' }, 'Merge'],
    { '/secrets/k': '{"x": 1.50}' },
  ],
  'an empty object has no keys': [{ a: '{}' }, ['Merge'], {}],
  'two objects with one key': [
    { a: '{"k":"1"}', b: '{"k":"2"}' },
    ['Merge'],
    ['ASI_OUT_KEY_COLLISION /shop: rename fits not all names. Both "/shop/a" and "/shop/b" have the key "k".'],
  ],
  'a value that is no object': [
    { a: '{"k":"1"}', b: 'text' },
    ['Merge'],
    ['ASI_OUT_EXPANSION /shop: rename fits not all names. The value of "/shop/b" is no JSON object.'],
  ],
  'a key with null': [
    { a: '{"k":null}' },
    ['Merge'],
    ['ASI_OUT_JSON_NULL /shop: rename fits not all names. The key "k" of "/shop/a" is null.'],
  ],
  'a key that no Secret can have': [
    { a: '{"x/y":"1"}' },
    ['Merge'],
    [
      'ASI_OUT_KEY_NAME /shop: rename fits not all names. "x/y" has a character that is no letter, digit, "-", "." or "_".',
    ],
  ],
};

for (const [name, [found, rename, result]] of Object.entries(MERGED)) {
  t.test(`merged: ${name}`, async (t) => {
    const searches = [{ service: 'ssm' as const, path: '/shop', folders: [folder(rename)] }];
    const { files, failures } = await rendered([], { searches, found: [found] });
    t.strictSame(failures.length > 0 ? failures : files, result);
  });
}

t.test('merged objects have ten thousand keys at most', async (t) => {
  const objectOf = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ''])));
  const merged = (count: number) =>
    rendered([], {
      searches: [{ service: 'ssm' as const, path: '/shop', folders: [folder(['Merge'])] }],
      found: [{ a: objectOf(count) }],
    });
  t.equal(Object.keys((await merged(10_000)).files).length, 10_000);
  t.strictSame((await merged(10_001)).failures, [
    'ASI_OUT_TOO_MANY /shop: rename fits not all names. The objects have more than 10000 keys.',
  ]);
});

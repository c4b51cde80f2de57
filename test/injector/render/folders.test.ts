/** Tests folders with a file for each key of a JSON secret: their names, and those that can not be. */
import t from 'tap';
import { type More, renderParts } from '../support/rendering.ts';

const envFile = { path: 'env.json', format: 'json', mode: '0444' } as const;
const folder = (more = {}) => ({ path: '', mode: '0444', slash: '_', ...more });
const inSecrets = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`/secrets/${path}`, text]));

const spread = (value: string, more = {}) => renderParts([{ value, folders: [folder(more)] }]);

t.test('each key of an object is a file of the folder', async (t) => {
  const { files, failures } = spread('{"a":"x","n":1.50,"z":"","a b":"y","é":"z"}', {
    path: 'app/db',
    directory: '/volume',
  });
  t.strictSame(failures, []);
  t.strictSame(files, {
    '/volume/app/db/a': 'x',
    '/volume/app/db/n': '1.50',
    '/volume/app/db/z': '',
    '/volume/app/db/a b': 'y',
    '/volume/app/db/é': 'z',
  });
});

t.test("a / in a key becomes the folder's character, or makes folders", async (t) => {
  t.strictSame(spread('{"/a/b":"x"}').files, inSecrets({ _a_b: 'x' }));
  t.strictSame(spread('{"a/b":"x"}', { slash: '$&' }).files, inSecrets({ 'a$&b': 'x' }));
  t.strictSame(spread('{"/a/b":"x"}', { slash: '/' }).files, inSecrets({ 'a/b': 'x' }));
});

t.test('keys that can not be files are refused by name, all at once', async (t) => {
  const keys = ['', '.', '..', 'a\0b', 'x'.repeat(256), 'fine'];
  const { failures, files } = spread(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 'x']))));
  t.match(failures, [
    /^ASI_OUT_KEY_NAME s0: the key "" can not be a file\. Its path would be wrong: the key is empty\.$/,
    /the key "\." can not/,
    /the key "\.\." can not/,
    /the key "a b" can not be a file. Its path would be wrong: the path has a NUL/,
    /the key "x{80}…" can not be a file\. Its path would be wrong: a name is longer than 255 bytes\.$/,
  ]);
  t.strictSame(files, inSecrets({ fine: 'x' }));
  t.match(spread('{"a/../../b":"x"}', { slash: '/' }).failures, [/path can not contain \.\.\//]);
});

t.test('keys that become one file, or that of another declaration, are refused by name', async (t) => {
  const more: More = {
    templates: [{ path: 'template', mode: '0444', parts: [] }],
    envFile,
    environment: { directory: '/secrets/env', delivery: 'shell', sentinel: true },
  };
  const value = '{"a/b":"x","a_b":"y","declared":"z","template":"z","env.json":"z","env":"z"}';
  const files = [{ path: 'declared', mode: '0444', jmesPath: 'none', optional: true as const }];
  const { failures } = renderParts([{ value, folders: [folder()], files }], more);
  t.strictSame(failures, [
    'ASI_OUT_FILE_COLLISION a_b can not be written. It comes from the key "a/b" of s0 and from the key "a_b" of s0.',
    'ASI_OUT_FILE_COLLISION declared can not be written. It comes from s0 and from the key "declared" of s0.',
    'ASI_OUT_FILE_COLLISION template can not be written. It comes from a template and from the key "template" of s0.',
    'ASI_OUT_FILE_COLLISION env.json can not be written. It comes from the env file and from the key "env.json" of s0.',
    'ASI_OUT_FILE_COLLISION env can not be written. It comes from the key "env" of s0, and is a folder for .sentinel from the sentinel.',
    'ASI_OUT_FILE_COLLISION env can not be written. It comes from the key "env" of s0, and is a folder for shell/environment.sh from the shell delivery.',
  ]);
});

t.test('a key that is a file where another needs a folder is refused, whichever comes first', async (t) => {
  for (const value of ['{"a":"x","a/b":"y"}', '{"a/b":"y","a":"x"}']) {
    t.match(spread(value, { slash: '/' }).failures, [
      /^ASI_OUT_FILE_COLLISION a can not.* is a folder for a\/b from the key/,
    ]);
  }
});

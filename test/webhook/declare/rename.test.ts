/** Tests the steps of `rename`, the pattern of a search and single keys, from the annotations to the configuration. */
import t from 'tap';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';

function declared(annotations: Record<string, string>) {
  const result = declare(annotationsOf({ region: 'eu-west-1', ...annotations }), CONTEXT);
  return result.ok ? result.declaration : result.refusals.map(({ message }) => message).join('\n');
}

const RENAME = 'rename: [{source: ^, target: DB_}, Unicode]';
const rename = [{ source: '^', target: 'DB_' }, 'Unicode'];

t.test('the keys of a secret get other names as files', async (t) => {
  t.match(declared({ objects: `[{objectName: a, objectType: secretsmanager, expand: true, ${RENAME}}]` }), {
    objects: [{ name: 'a', folders: [{ path: '', rename }] }],
  });
});

t.test('what a pattern finds gets other names as files', async (t) => {
  t.match(declared({ objects: `- {path: /shop, regexp: db$, ${RENAME}}\n- {regexp: ^shop/, ${RENAME}}` }), {
    searches: [
      { service: 'ssm', path: '/shop', regexp: 'db$', folders: [{ rename }] },
      { service: 'secretsmanager', regexp: '^shop/', folders: [{ rename }] },
    ],
  });
});

t.test('keys and what a search finds get other names as variables', async (t) => {
  const list = `- {from: a, ${RENAME}}\n- {search: {prefix: shop/, tags: {team: shop}, regexp: db$}, ${RENAME}, prefix: P_}`;
  t.match(declared({ 'env-from': list, 'env-delivery': 'shell' }), {
    objects: [{ name: 'a', expansions: [{ prefix: '', rename }] }],
    searches: [
      { service: 'secretsmanager', prefix: 'shop/', tags: { team: 'shop' }, expansions: [{ prefix: 'P_', rename }] },
    ],
  });
});

t.test('one key is named by its new name', async (t) => {
  const entry = `{from: a, key: DB_user, ${RENAME}}`;
  const pick = { key: 'DB_user', rename };
  t.match(declared({ env: `USER: ${entry}`, files: `user: ${entry}` }), {
    objects: [{ files: [{ path: 'user', pick }], environment: [{ path: 'USER', pick }] }],
  });
});

t.test('parameters are found by their tags below a path', async (t) => {
  t.match(declared({ objects: '[{path: /shop/, tags: {team: shop}}, {path: /shop, tags: {team: stock}}]' }), {
    searches: [
      { service: 'ssm', path: '/shop', tags: { team: 'shop' } },
      { service: 'ssm', path: '/shop', tags: { team: 'stock' } },
    ],
  });
});

t.test('what a search finds is merged, as files and as variables', async (t) => {
  const merged = { rename: ['Merge'] };
  t.match(declared({ objects: '[{prefix: shop/, rename: [Merge]}]' }), { searches: [{ folders: [merged] }] });
  t.match(declared({ 'env-from': '[{search: {prefix: shop/}, rename: [Merge]}]', 'env-delivery': 'shell' }), {
    searches: [{ expansions: [merged] }],
  });
});

const REFUSED: Readonly<Record<string, readonly [annotations: Record<string, string>, message: string]>> = {
  'no list': [{ files: 'a: {from: a, key: b, rename: x}' }, 'rename that is no list of steps'],
  'a merge of one object': [
    { objects: '[{objectName: a, objectType: secretsmanager, expand: true, rename: [Merge]}]' },
    'has the step Merge in rename, which joins what a search finds; remove it',
  ],
  'a merge of the keys of one secret': [
    { 'env-from': '[{from: a, rename: [Merge]}]', 'env-delivery': 'shell' },
    'has the step Merge in rename, which joins what a search finds; remove it',
  ],
  'a merge for one file': [
    { files: 'a: {from: a, key: b, rename: [Merge]}' },
    'has the step Merge in rename, which joins what a search finds; remove it',
  ],
  'too many steps': [
    { files: `a: {from: a, key: b, rename: [${Array(17).fill('Default').join(', ')}]}` },
    'more than 16 steps of rename',
  ],
  'an unknown conversion': [
    { files: 'a: {from: a, key: b, rename: [default]}' },
    'neither a pattern nor Default nor Unicode nor Merge',
  ],
  'an unknown key of a step': [{ files: 'a: {from: a, key: b, rename: [{source: a, to: b}]}' }, 'the unknown key "to"'],
  'no target': [{ files: 'a: {from: a, key: b, rename: [{source: a}]}' }, 'has no target; write one, like target: ""'],
  'a lookahead': [{ files: 'a: {from: a, key: b, rename: [{source: "(?=a)", target: ""}]}' }, 'is no pattern of RE2'],
  'a long target': [
    { files: `a: {from: a, key: b, rename: [{source: a, target: ${'a'.repeat(1001)}}]}` },
    'a target of more than 1000 characters',
  ],
  'a rename without a key': [{ files: 'a: {from: a, rename: [Default]}' }, 'has rename without key'],
  'an empty key': [{ files: 'a: {from: a, key: ""}' }, 'has an empty key'],
  'a key beside a part': [{ files: 'a: {from: "a#b", key: c}' }, 'has key beside a reference with #'],
  'a rename of a whole value': [
    { objects: '[{objectName: a, objectType: secretsmanager, rename: [Default]}]' },
    'a has rename without expand: true',
  ],
  'a rename beside parts': [
    { objects: '[{prefix: a, expand: true, rename: [Default]}]' },
    'rename beside jmesPath or expand',
  ],
  'a search beside a reference': [{ 'env-from': '[{from: a, search: {prefix: a}}]' }, 'has search beside from'],
  'an empty search': [{ 'env-from': '[{search: {}}]' }, 'has a search without keys'],
  'an unknown key of a search': [
    { 'env-from': '[{search: {name: a}}]' },
    'has a problem in search: it has the unknown key "name"',
  ],
  'an empty tag of parameters': [
    { objects: '[{path: /a, tags: {b: ""}}]' },
    'has the tag "b", by which no parameter can be',
  ],
  'a long tag of parameters': [
    { objects: `[{path: /a, tags: {${'b'.repeat(129)}: c}}]` },
    'by which no parameter can be found: its key is too long',
  ],
  'a search in two services': [{ 'env-from': '[{search: {path: /a, prefix: b}}]' }, 'has path beside prefix'],
  'a pattern of 10,000 characters': [
    { objects: `[{regexp: ${'a'.repeat(10_000)}}]` },
    'which has more than 1000 characters; write a regular expression of RE2',
  ],
  'too many patterns': [
    {
      files: Array.from(
        { length: 300 },
        (_, index) => `a${index}: {from: a, key: b, rename: [{source: a${index}, target: ""}]}`,
      ).join('\n'),
    },
    'is one of too many patterns',
  ],
};

for (const [title, [annotations, message]] of Object.entries(REFUSED)) {
  t.test(`${title} is refused`, async (t) => {
    const refused = declared(annotations);
    t.match(refused, message);
  });
}

t.test('a pattern that many entries have counts once', async (t) => {
  const lines = Array.from({ length: 300 }, (_, index) => `a${index}: {from: a, key: b, ${RENAME}}`);
  t.match(declared({ files: lines.join('\n') }), { objects: [{ name: 'a' }] });
});

/** Tests what `files`, `env` and `env-from` refuse: the annotation, the entry, the mistake and the fix are in one sentence. */
import t from 'tap';
import { declare } from '../../../../webhook/declare/declare.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';

const ENV_FILE = { 'env-delivery': 'file', 'env-file': 'app.env' };

function messages(own: Readonly<Record<string, string>>): string[] {
  const result = declare(annotationsOf(own), CONTEXT);
  return result.ok ? [] : result.refusals.map(({ code, message }) => `${code} ${message}`);
}

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
  [
    'files',
    '*a- ..\nb: c: d',
    'ASI_ADMIT_INVALID_VALUE files: is not YAML: line 1: Unexpected scalar token; correct the YAML',
  ],
  [
    'files',
    'fine: x\nbad: @a\nlast: y',
    "ASI_ADMIT_INVALID_VALUE files: is not YAML: line 2: Plain value cannot start with reserved character @; write bad: '@a'",
  ],
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
  ['env', 'A: {template: "{{"}', 'ASI_ADMIT_INVALID_TEMPLATE env: A: line 1: has {{ without }};'],
  ['env', 'A: {template: "{{ x# }}"}', 'ASI_ADMIT_INVALID_TEMPLATE env: A: line 1: the reference "x#" has an empty'],
  ['env', 'A: {template: "{{ x | up }}"}', 'ASI_ADMIT_INVALID_TEMPLATE env: A: line 1: has the unknown filter "up";'],
  [
    'env',
    'A: {template: "{{ x }}", optional: true}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has "optional" beside template, which stands alone; remove one of the two',
  ],
  ['env', 'A: {template: }', 'ASI_ADMIT_INVALID_VALUE env: "A" has a problem with template: it has no text;'],
  [
    'env',
    'A: {template: {{ x }}}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has a problem with template: it has braces without quotes, which YAML reads as a map; write',
  ],
  ['env', 'A: {templat: x}', 'ASI_ADMIT_INVALID_VALUE env: "A" has the unknown key "templat"; did you mean template?'],
  ['env', 'a-b: {template: x}', 'ASI_ADMIT_INVALID_VARIABLE env: "a-b" is not a name of a variable'],
  [
    'env',
    'A: "pg://{{ x }}@db"',
    'ASI_ADMIT_INVALID_REFERENCE env: A: the reference "pg://{{ x }}@db" is a text with placeholders; write {template: "pg://{{ x }}@db"}',
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
  [
    'env-from',
    '- {from: a, prefix: [b]}',
    'ASI_ADMIT_INVALID_VARIABLE env-from: entry 1 has a prefix that no variable can start with;',
  ],
  ['env-from', '- {from: a, names: [upper]}', 'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has unknown names;'],
  [
    'env-from',
    '- {<<: x, from: a}',
    'ASI_ADMIT_INVALID_VALUE env-from: entry 1 has a problem: map merge requires map or sequence of maps as the value;',
  ],
  [
    'env',
    'A: {<<: x, from: b}',
    'ASI_ADMIT_INVALID_VALUE env: "A" has a problem: map merge requires map or sequence of maps as the value;',
  ],
  ['env', 'A: {<<: {[x]: y}, from: b}', 'ASI_ADMIT_INVALID_VALUE env: "A" has a problem: a mapping has a key that'],
  [
    'files',
    'a: "*"',
    'ASI_ADMIT_INVALID_REFERENCE files: a: the reference "*" has a "*", and a reference names one object; name each secret',
  ],
];

t.test('an exact path that is the mount path, or below it, is refused with the path to write', async (t) => {
  const own = { 'mount-path': '/etc/app' };
  const problem = 'ASI_ADMIT_FILE_COLLISION files: /etc/app';
  t.strictSame(messages({ ...own, files: '/etc/app: a' }), [
    `${problem} collides with the mount path /etc/app; write another path`,
  ]);
  t.strictSame(messages({ ...own, files: '/etc/app/b: a' }), [
    `${problem}/b collides with the mount path /etc/app; write b without the mount path, or another path`,
  ]);
  t.strictSame(messages({ ...own, files: '/etc/apple: a' }), []);
});

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

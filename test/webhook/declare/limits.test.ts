/** Tests the last input that each limit of a declaration lets through, and the first one that it refuses. */
import t from 'tap';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';

type Limit = {
  readonly what: string;
  readonly most: number;
  readonly of: (count: number) => Readonly<Record<string, string>>;
  readonly refused: string;
};

const LIMITS: readonly Limit[] = [
  {
    what: 'folders of a path',
    most: 64,
    of: (count) => ({ files: `${Array(count).fill('a').join('/')}: b` }),
    refused: 'nests more than 64 folders; write it flat',
  },
  {
    what: 'bytes in an element of the mount path',
    most: 255,
    of: (count) => ({ files: 'a: b', 'mount-path': `/mnt/${'a'.repeat(count)}` }),
    refused: 'has an element longer than 255 bytes; shorten it',
  },
  {
    what: 'directives of a YAML text',
    most: 10,
    of: (count) => ({ files: `${'%X y\n'.repeat(count)}---\na: b` }),
    refused: 'files: holds many YAML directives; remove the lines that start with "%"',
  },
  {
    what: 'characters of the key of a tag',
    most: 256,
    of: (count) => ({ objects: `- tags: {${'a'.repeat(count)}: b}` }),
    refused: 'which can not be searched for; remove it',
  },
  {
    what: 'characters of the value of a tag',
    most: 256,
    of: (count) => ({ objects: `- tags: {a: ${'b'.repeat(count)}}` }),
    refused: 'has a value of the tag a that is too long; shorten it',
  },
  {
    what: 'pieces of templates',
    most: 12_288,
    of: (count) => ({ templates: `a: "${'{{a}}'.repeat(count)}"` }),
    refused:
      'The pod declares 12289 files, variables and pieces of templates, and a configuration of 96 KiB holds at most 12288: declare fewer.',
  },
];

for (const { what, most, of, refused } of LIMITS) {
  t.test(`${most} ${what} are accepted, and one more is not`, async (t) => {
    t.match(declare(annotationsOf(of(most)), CONTEXT), { ok: true });
    const result = declare(annotationsOf(of(most + 1)), CONTEXT);
    const [message = '', ...others] = result.ok ? [] : result.refusals.map((one) => one.message);
    t.equal(message.slice(-refused.length), refused);
    t.strictSame(others, []);
  });
}

t.test('a YAML text that nests about a hundred times is read, and not one that nests deeper', async (t) => {
  const nested = (depth: number) =>
    declare(annotationsOf({ files: `a: ${'['.repeat(depth)}${']'.repeat(depth)}` }), CONTEXT);
  t.match(nested(95), { refusals: [{ message: /"a" is not one text/ }] });
  t.match(nested(105), { refusals: [{ message: 'files: nests too deeply; write it flat' }] });
});

t.test('a fix of up to 512 characters is shown, and no longer one', async (t) => {
  // The blank at the end of the name is the mistake; the fix is the reference without it.
  const message = (length: number) => {
    const result = declare(annotationsOf({ files: `a: '${'b'.repeat(length - 2)} #c'` }), CONTEXT);
    return result.ok ? '' : (result.refusals[0]?.message ?? '');
  };
  t.match(message(500), `write ${'b'.repeat(498)}#c`);
  t.notMatch(message(600), 'b'.repeat(300));
});

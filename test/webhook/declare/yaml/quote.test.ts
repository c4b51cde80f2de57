/** Tests how texts of the user are shown in messages: as YAML that can be pasted, or cut. */
import t from 'tap';
import { parse } from 'yaml';
import { echo } from '../../../../webhook/declare/echo.ts';
import { pasteable, quoteLine, splitLine } from '../../../../webhook/declare/yaml/quote.ts';

const UNSAFE = [
  ...['', ' a', 'a ', 'a: b', 'a:', 'a #b', "it's: so"],
  ...['"', "'", '{', '}', '[', ']', ',', '*', '&', '!', '|', '>', '%', '@', '`', '#', '?', '-'].map(
    (sign) => `${sign}a`,
  ),
];

for (const text of UNSAFE) {
  t.test(`<${text}> is shown in quotes, and is the same text when it is pasted`, async (t) => {
    t.equal(pasteable(text), `'${text.replaceAll("'", "''")}'`);
    t.equal(parse(`key: ${pasteable(text)}`).key, text);
  });
}

for (const text of ['a', 'a:b', 'a#b', "it's", 'app/db#password', 'arn:aws:ssm:eu-west-1:111122223333:parameter/a']) {
  t.test(`<${text}> is shown as it is, and is the same text when it is pasted`, async (t) => {
    t.equal(pasteable(text), text);
    t.equal(parse(`key: ${text}`).key, text);
  });
}

for (const text of ['a\nb', 'a\u200eb', 'a\u2028b', 'a\u2029b', 'a\ud800', 'x'.repeat(513)]) {
  // The name is ASCII, as TAP has a test on a line.
  const name = encodeURI(text.slice(0, 10).toWellFormed());
  t.test(`${name} can not be pasted`, async (t) => t.equal(pasteable(text), undefined));
}

t.test('a text of 512 characters can be pasted', async (t) => t.equal(pasteable('x'.repeat(512)), 'x'.repeat(512)));

const LINES: Readonly<Record<string, string | undefined>> = {
  'key: @value': "write key: '@value'",
  '  - name: %value ': "write - name: '%value'",
  '- *value': "write - '*value'",
  'key: value': undefined,
  'key: "@value"': undefined,
  "key: '@value'": undefined,
  'key: |': undefined,
  'key: >': undefined,
  'key:': undefined,
};

for (const [line, fix] of Object.entries(LINES)) {
  t.test(`the line <${line}> ${fix === undefined ? 'needs no quotes' : 'needs quotes'}`, async (t) => {
    t.equal(quoteLine(line), fix);
  });
}

t.test('a line has at most 512 characters to be looked at', async (t) => {
  t.equal(splitLine('key: '.padEnd(512, 'x'))?.start, 'key:');
  t.equal(splitLine('key: '.padEnd(513, 'x')), undefined);
});

t.test('a quote has at most 100 characters, and nothing that can not be seen', async (t) => {
  t.equal(echo('x'.repeat(100)), 'x'.repeat(100));
  t.equal(echo('x'.repeat(101)), `${'x'.repeat(99)}…`);
  t.equal(echo('a\n\u200eb'), 'a??b');
  t.equal(echo(`${'x'.repeat(98)}😀😀`), `${'x'.repeat(98)}\ufffd…`);
});

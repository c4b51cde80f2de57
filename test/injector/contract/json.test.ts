/** Tests the reader of JSON by what it takes, and by what it keeps of the text. */
import t from 'tap';
import { type JsonNode, parseJson } from '../../../injector/contract/json.ts';

const read = (text: string) => parseJson(Buffer.from(text));

/** Returns the nodes as plain values, each with its source. */
function plain(node: JsonNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === 'array') return [node.source, node.items.map(plain)];
  if (node.kind === 'object') return [node.source, [...node.entries].map(([key, value]) => [key, plain(value)])];
  return node.kind === 'string' ? [node.kind, node.source, node.text] : [node.kind, node.source];
}

const TAKEN: [text: string, node: unknown][] = [
  [' \t\r\n1\n', ['number', '1']],
  ['-0.50E+7', ['number', '-0.50E+7']],
  ['1e-7', ['number', '1e-7']],
  ['12345678901234567890', ['number', '12345678901234567890']],
  ['true', ['boolean', 'true']],
  ['false', ['boolean', 'false']],
  ['null', ['null', 'null']],
  ['"a\\n\\u00e9"', ['string', '"a\\n\\u00e9"', 'a\né']],
  ['"\\ud800"', ['string', '"\\ud800"', '\uFFFD']],
  ['[ ]', ['[ ]', []]],
  ['{ }', ['{ }', []]],
  [
    '[ 1 , 2 ]',
    [
      '[ 1 , 2 ]',
      [
        ['number', '1'],
        ['number', '2'],
      ],
    ],
  ],
  [
    '{ "a" : 1 , "b":[ {} ] }',
    [
      '{ "a" : 1 , "b":[ {} ] }',
      [
        ['a', ['number', '1']],
        ['b', ['[ {} ]', [['{}', []]]]],
      ],
    ],
  ],
  ['{"a":1,"a":2}', ['{"a":1,"a":2}', [['a', ['number', '2']]]]],
];

t.test('a value keeps its own text, inside others too', async (t) => {
  for (const [text, node] of TAKEN) t.strictSame(plain(read(text)), node, text);
});

const REFUSED = [
  '',
  ' ',
  'x',
  'nul',
  'nullx',
  'True',
  '1 2',
  '01',
  '1.',
  '.5',
  '+1',
  '-',
  '1e',
  '"a',
  '"a\nb"',
  '"\\x"',
  '\\"',
  '[',
  '[1',
  '[1,',
  '[1,]',
  '[,1]',
  '[1 2]',
  ']',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{"a":1,}',
  '{"a" 1}',
  '{a:1}',
  '{1:1}',
  '{"a":x}',
  '{"a"}',
  '1,',
  '\uFEFF1',
  '\u00a01',
  '1e400',
  '[1e400]',
];

t.test('what is not JSON is refused', async (t) => {
  for (const text of REFUSED) t.equal(read(text), undefined, JSON.stringify(text));
});

t.test('a number beyond a float64 is read where that is asked for', async (t) => {
  t.strictSame(plain(parseJson(Buffer.from('1e400'), { anyNumber: true })), ['number', '1e400']);
  t.strictSame(plain(parseJson(Buffer.from('1'), { anyNumber: true })), ['number', '1']);
});

t.test('values are nested a thousand deep, and no deeper', async (t) => {
  const nested = (depth: number, open: string, close: string) => read(`${open.repeat(depth)}1${close.repeat(depth)}`);
  t.ok(nested(1000, '[', ']'));
  t.equal(nested(1001, '[', ']'), undefined);
  t.ok(nested(1000, '{"a":', '}'));
  t.equal(nested(1001, '{"a":', '}'), undefined);
});

t.test('each byte that starts no character becomes U+FFFD, as in Go', async (t) => {
  const cases: [bytes: number[], text: string][] = [
    [[0xff], '\uFFFD'],
    [[0xc3, 0xa9, 0xff], 'é\uFFFD'],
    [[0xe2, 0x82], '\uFFFD\uFFFD'],
    [[0xe2, 0x82, 0xac, 0xff], '€\uFFFD'],
    [[0xe0, 0x80, 0x80], '\uFFFD\uFFFD\uFFFD'],
    [[0xe0, 0xa0, 0x80, 0xff], '\u0800\uFFFD'],
    [[0xed, 0xa0, 0x80], '\uFFFD\uFFFD\uFFFD'],
    [[0xed, 0x9f, 0xbf, 0xff], '\uD7FF\uFFFD'],
    [[0xf0, 0x9f, 0x98, 0x80, 0xff], '😀\uFFFD'],
    [[0xf0, 0x80, 0x80, 0x80], '\uFFFD\uFFFD\uFFFD\uFFFD'],
    [[0xf1, 0x80, 0x80, 0x80, 0xff], '\u{40000}\uFFFD'],
    [[0xf4, 0x8f, 0xbf, 0xbf, 0xff], '\u{10FFFF}\uFFFD'],
    [[0xf4, 0x90, 0x80, 0x80], '\uFFFD\uFFFD\uFFFD\uFFFD'],
    [[0xc1, 0x80], '\uFFFD\uFFFD'],
    [[0x80, 0xee, 0x80, 0x80], '\uFFFD\uE000'],
  ];
  for (const [bytes, text] of cases) {
    const node = parseJson(Buffer.from([0x22, ...bytes, 0x22]));
    t.equal(node?.kind === 'string' ? node.text : node, text, Buffer.from(bytes).toString('hex'));
  }
});

/** Tests how an answer is read from the bytes of a connection, however they are cut. */
import fc from 'fast-check';
import t from 'tap';
import { type Answer, createAnswerReader } from '../../../injector/aws/answer.ts';

const LIMIT = 20;

/** Returns the answer that is read from the bytes in these pieces, at the end of the connection if not before. */
function read(pieces: readonly Buffer[]): Answer {
  const reader = createAnswerReader(LIMIT);
  for (const piece of pieces) {
    const answer = reader.take(piece);
    if (typeof answer === 'object') return answer;
  }
  return reader.end();
}

function cut(text: string, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % text.length), text.length].sort((a, b) => a - b);
  return ends.map((end, index) => Buffer.from(text.slice(ends[index - 1] ?? 0, end)));
}

/** Returns what the function throws, or undefined. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const answers: [what: string, text: string, body: string, isReusable: boolean][] = [
  ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', true],
  ['the length 0', `${OK}content-length:0\r\n\r\n`, '', true],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}', '{}', true],
  ['chunks', `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, 'hello world', true],
  ['a chunk extension', `${CHUNKED}a;x="y"\r\n0123456789\r\n0\r\n\r\n`, '0123456789', true],
  ['trailers', `${CHUNKED}1\r\nx\r\n0\r\nx-checksum: 1\r\n\r\n`, 'x', true],
  ['provisional answers before it', `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 1\r\n\r\nx`, 'x', true],
  ['the end of the connection', `${OK}\r\nhello`, 'hello', false],
  ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  ['the end of the connection announced', `${OK}connection: close\r\ncontent-length: 1\r\n\r\nx`, 'x', false],
];
for (const [what, text, body, isReusable] of answers) {
  t.test(`an answer with ${what} is read from bytes in any pieces`, async (t) => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        const answer = read(cut(text, places));
        return answer.body.toString() === body && answer.isReusable === isReusable;
      }),
    );
    t.equal(read([...Buffer.from(text)].map((byte) => Buffer.from([byte]))).body.toString(), body);
  });
}

t.test('bytes after an answer are not of the next one', async (t) => {
  const { body, isReusable } = read([Buffer.from(`${OK}content-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n`)]);
  t.strictSame([body.toString(), isReusable], ['x', false]);
});

const refused: [what: string, text: string, error: object][] = [
  ['a length above the limit', `${OK}content-length: 21\r\n\r\n`, { name: 'AnswerTooLarge', limit: LIMIT }],
  ['a chunk above the limit', `${CHUNKED}ffffffff\r\n`, { name: 'AnswerTooLarge' }],
  ['chunks above the limit', CHUNKED + `a\r\n0123456789\r\n`.repeat(3), { name: 'AnswerTooLarge' }],
  ['more bytes than the limit until the end', `${OK}\r\n${'x'.repeat(21)}`, { name: 'AnswerTooLarge' }],
  ['two lengths', `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\n`, { name: 'UnreadableAnswer' }],
  ['a length and chunks', `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, { name: 'UnreadableAnswer' }],
  ['another encoding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, { name: 'UnreadableAnswer' }],
  ['a length that is no number', `${OK}content-length: -1\r\n\r\n`, { name: 'UnreadableAnswer' }],
  ['a size that is no number', `${CHUNKED}0x5\r\nhello\r\n`, { name: 'UnreadableAnswer' }],
  ['more after a chunk than its size', `${CHUNKED}1\r\nxyz\r\n`, { name: 'UnreadableAnswer' }],
  ['a folded header', `${OK}a: b\r\n c\r\n\r\n`, { name: 'UnreadableAnswer' }],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', { name: 'UnreadableAnswer' }],
  ['a head without an end', `${OK}x: ${'y'.repeat(17_000)}`, { name: 'UnreadableAnswer' }],
  ['trailers without an end', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(3_000)}`, { name: 'UnreadableAnswer' }],
  ['provisional answers without an end', 'HTTP/1.1 100 Go on\r\n\r\n'.repeat(1_000), { name: 'UnreadableAnswer' }],
  ['half of a head', 'HTTP/1.1 200', { code: 'ECONNRESET' }],
  ['half of a body', `${OK}content-length: 5\r\n\r\nhe`, { code: 'ECONNRESET' }],
  ['half of a chunk', `${CHUNKED}5\r\nhe`, { code: 'ECONNRESET' }],
];
for (const [what, text, error] of refused) {
  t.test(`an answer with ${what} is refused`, async (t) => {
    t.match(
      thrownBy(() => read([Buffer.from(text)])),
      error,
    );
  });
}

t.test('a body in chunks of one byte each takes no more memory than another', async (t) => {
  const reader = createAnswerReader(1_000_000);
  reader.take(Buffer.from(CHUNKED));
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 1_000; index += 1) reader.take(Buffer.from('1\r\nx\r\n'.repeat(1_000)));
  const answer = reader.take(Buffer.from('0\r\n\r\n'));
  t.equal(typeof answer === 'object' ? answer.body.length : 0, 1_000_000);
  t.ok(process.memoryUsage().arrayBuffers - before < 16_000_000);
});

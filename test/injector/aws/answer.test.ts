/** Tests the limit on the bytes of one answer. */
import { Readable } from 'node:stream';
import t from 'tap';
import { readBytes, readText } from '../../../injector/aws/answer.ts';

const answer = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

t.test('an answer of the most bytes is read whole', async (t) => {
  t.strictSame(await readBytes(answer('ab', 'cd'), 4), Buffer.from('abcd'));
});

t.test('an answer with one byte more is refused', async (t) => {
  await t.rejects(readBytes(answer('ab', 'cde'), 4), { name: 'AnswerTooLarge' });
});

t.test('a text is read up to its limit, and refused with one byte more', async (t) => {
  t.equal(await readText(answer('ab', 'cd'), 4), 'abcd');
  await t.rejects(readText(answer('ab', 'cd'), 3), { name: 'AnswerTooLarge', limit: 3 });
});

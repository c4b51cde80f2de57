/** Tests the limit on the bytes of one answer. */
import { Readable } from 'node:stream';
import t from 'tap';
import { readText } from '../../../injector/aws/answer.ts';

const answer = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

t.test('a text is read up to its limit, and refused with one byte more', async (t) => {
  t.equal(await readText(answer('ab', 'cd'), 4), 'abcd');
  await t.rejects(readText(answer('ab', 'cd'), 3), { name: 'AnswerTooLarge', limit: 3 });
});

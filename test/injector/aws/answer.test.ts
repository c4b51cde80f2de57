/** Tests the limit on the bytes of one answer. */
import { Readable } from 'node:stream';
import t from 'tap';
import { limitAnswers, readText } from '../../../injector/aws/answer.ts';

type Handler = (args: { input: object }) => Promise<{ response: { body: unknown } }>;
type Middleware = (next: Handler, context: { commandName?: string }) => Handler;

const answer = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** Returns the text that a client hands on of an answer in these parts; an answer may have 4 bytes. */
async function limited(...chunks: string[]): Promise<string> {
  const added: Middleware[] = [];
  limitAnswers({ middlewareStack: { add: (one) => void added.push(one as unknown as Middleware) } }, () => 4);
  const [middleware] = added;
  const result = await middleware?.(async () => ({ response: { body: answer(...chunks) } }), {})({ input: {} });
  return String(result?.response.body);
}

t.test('an answer of the most bytes is handed on whole', async (t) => {
  t.equal(await limited('ab', 'cd'), 'abcd');
});

t.test('an answer with one byte more is refused', async (t) => {
  await t.rejects(limited('ab', 'cde'), { name: 'AnswerTooLarge' });
});

t.test('a text is read up to its limit, and refused with one byte more', async (t) => {
  t.equal(await readText(answer('ab', 'cd'), 4), 'abcd');
  await t.rejects(readText(answer('ab', 'cd'), 3), { name: 'AnswerTooLarge', limit: 3 });
});

/** Tests the limits of one answer: its bytes and its time. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { limitAnswers, readText } from '../../../injector/aws/answer.ts';

type Handler = (args: { input: object }) => Promise<{ response: { body?: unknown } }>;
type Middleware = (next: Handler, context: { commandName?: string }) => Handler;

/** Returns the body that a client hands on of an answer with this body; an answer may have 4 bytes. */
async function limited(body: unknown): Promise<unknown> {
  const added: Middleware[] = [];
  limitAnswers({ middlewareStack: { add: (one) => void added.push(one as unknown as Middleware) } }, () => 4);
  const [middleware] = added;
  const result = await middleware?.(async () => ({ response: { body } }), {})({ input: {} });
  return result?.response.body;
}

const read = async (...chunks: string[]) =>
  text((await limited(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) as Readable);
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

t.test('an answer of the most bytes is handed on whole, and no timer stays behind', async (t) => {
  const before = timers();
  t.equal(await read('ab', 'cd'), 'abcd');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(timers(), before);
});

t.test('an answer with one byte more is refused', async (t) => {
  await t.rejects(read('ab', 'cde'), { name: 'AnswerTooLarge' });
});

t.test('an answer that takes its time is given 5 seconds', async (t) => {
  const { setTimeout: later } = globalThis;
  const given: number[] = [];
  const soon = (act: () => void, milliseconds: number) => {
    given.push(milliseconds);
    return later(act, 1);
  };
  t.intercept(globalThis, 'setTimeout', { value: soon });
  const endless = new Readable({ read() {} });
  endless.push('a');
  await t.rejects(text((await limited(endless)) as Readable), { name: 'TimeoutError' });
  t.strictSame(given, [5_000]);
});

t.test('an answer without a body is left alone', async (t) => {
  t.equal(await limited(undefined), undefined);
});

t.test('a text is read up to its limit, and refused with one byte more', async (t) => {
  const answer = () => Readable.from([Buffer.from('ab'), Buffer.from('cd')]);
  t.equal(await readText(answer(), 4), 'abcd');
  await t.rejects(readText(answer(), 3), { name: 'AnswerTooLarge', limit: 3 });
});

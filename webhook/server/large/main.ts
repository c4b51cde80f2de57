/** Is the thread of large reviews: it answers bodies, and asks the main thread about the cluster. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Facts } from '../../admission/facts.ts';
import { reviewBody } from '../reviews.ts';
import { type FromThread, resultOf, type Start, settle, type ToThread } from './messages.ts';

const { settings, known }: Start = workerData;
const questions = new Map<number, PromiseWithResolvers<unknown>>();
let asked = 0;

const facts = Object.fromEntries(known.map((name) => [name, (...args: unknown[]) => ask(name, args)])) as Facts;

function send(message: FromThread): void {
  parentPort?.postMessage(message);
}

function ask(name: keyof Facts, args: readonly unknown[]): Promise<unknown> {
  asked += 1;
  const question = Promise.withResolvers<unknown>();
  questions.set(asked, question);
  send({ kind: 'question', id: asked, name, asked: args });
  return question.promise;
}

parentPort?.on('message', async (message: ToThread) => {
  const { id } = message;
  if (message.kind === 'fact') {
    const question = questions.get(id);
    questions.delete(id);
    if (question) settle(question, message.result);
    return;
  }
  const body = Buffer.from(message.body);
  send({ kind: 'reviewed', id, result: await resultOf(() => reviewBody(body, settings, facts)) });
});

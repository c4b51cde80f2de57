/** Tests the socket beside the main process with clients that are not `wait` and `refresh`. */
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { STATE_DIRECTORY } from '../../../injector/contract/rotation.ts';
import { listen } from '../../../injector/rotation/control.ts';
import { addState } from '../support/rotation.ts';

/** Starts the socket. The returned function sends a text to it, and returns the answer when the socket has closed. */
async function start(t: Test, answers = { wait: async () => 'written', refresh: async () => '{}' }) {
  const root = t.testdir({});
  addState(t, root);
  const close = await listen(root, answers);
  t.teardown(close);
  return async (question: string): Promise<string> => {
    const socket = connect(join(realpathSync(join(root, STATE_DIRECTORY)), 'control.sock'));
    await once(socket, 'connect');
    socket.write(question);
    return text(socket);
  };
}

t.test('a question is answered with one line', async (t) => {
  const ask = await start(t);
  t.equal(await ask('wait\n'), 'written\n');
  t.equal(await ask('refresh\nwait\n'), '{}\n');
});

t.test('an unknown question has no answer, and neither has one without an end', async (t) => {
  const ask = await start(t);
  t.equal(await ask('stop\n'), '');
  t.equal(await ask('x'.repeat(65)), '');
});

t.test('a question that fails has no answer', async (t) => {
  const failing = () => Promise.reject(new Error('it ends'));
  const ask = await start(t, { wait: failing, refresh: failing });
  t.equal(await ask('refresh\n'), '');
});

/** Tests the answer to a client whose request is not read to its end. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type Refusal, refuse, tooLarge } from '../../../webhook/server/refusal.ts';

const HEAD = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n';

/** Sends a beginning of a request, which is refused with its first bytes, and returns what came back and how to send more. */
async function send(t: Test, refusal: Refusal) {
  let read = 0;
  const server = createServer((request: IncomingMessage) => {
    request.on('data', (chunk: Buffer) => {
      if (read === 0) refuse(request, refusal);
      read += chunk.length;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  client.write(`${HEAD}first`);
  const [answer] = await once(client, 'data');
  return { client, answer: String(answer), read: () => read };
}

t.test('it has the status, the headers and the error as JSON, and ends the connection', async (t) => {
  const { answer } = await send(t, { ...tooLarge(7), headers: { 'retry-after': '1' } });
  t.equal(
    answer,
    'HTTP/1.1 413 Payload Too Large\r\nretry-after: 1\r\nconnection: close\r\ncontent-type: application/json\r\n' +
      'content-length: 43\r\n\r\n{"error":"the body is larger than 7 bytes"}',
  );
});

t.test('nothing more of the request is read', async (t) => {
  const { client, read } = await send(t, tooLarge(7));
  client.write('x'.repeat(1000));
  await sleep(50);
  t.equal(read(), 'first'.length);
});

t.test('the connection is cut 3 seconds later', async (t) => {
  const { setTimeout: later } = globalThis;
  const given: number[] = [];
  const soon = (act: () => void, milliseconds: number) => {
    given.push(milliseconds);
    return later(act, 1);
  };
  t.intercept(globalThis, 'setTimeout', { value: soon });
  const { client } = await send(t, tooLarge(7));
  await once(client, 'close');
  t.ok(given.includes(3000));
});

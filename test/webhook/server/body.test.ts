/** Bodies as they come, and those for which there is no room. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { readBody } from '../../../webhook/server/body.ts';

const full = { reading: (_request: IncomingMessage, _bytes: number, giveUp: () => void) => giveUp(), read: () => {} };

t.test('refuses a few of many bodies in each turn of the event loop, and all of them in the end', async (t) => {
  const refused: unknown[] = [];
  for (let each = 0; each < 20; each++) {
    const request = new IncomingMessage(new Socket());
    readBody(request, 1000, full, (how) => refused.push(how));
    request.push('x');
  }
  const counts: number[] = [];
  while (refused.length < 20) {
    await turn();
    counts.push(refused.length);
  }
  t.strictSame(
    counts.filter((count) => count > 0),
    [8, 16, 20],
  );
});

t.test('refuses a body once, though more of it comes', async (t) => {
  const refused: unknown[] = [];
  const request = new IncomingMessage(new Socket());
  readBody(request, 1000, full, (how) => refused.push(how));
  request.push('x');
  request.push('x');
  await turn();
  request.destroy();
  await turn();
  t.match(refused, [{ status: 503 }]);
});

for (const [kind, length] of Object.entries({ 'an announced length': '5', 'no announced length': undefined })) {
  t.test(`refuses a body with ${kind} that is whole when there is no room for it`, async (t) => {
    const refused: unknown[] = [];
    const request = new IncomingMessage(new Socket());
    if (length) request.headers['content-length'] = length;
    readBody(request, 1000, full, (how) => refused.push(how));
    request.push('hello');
    request.push(null);
    await turn();
    await turn();
    t.match(refused, [{ status: 503 }]);
  });
}

t.test('refuses a body that is too large, and ends with the bytes that are too many', async (t) => {
  const refused: unknown[] = [];
  const request = new IncomingMessage(new Socket());
  readBody(request, 7, { reading: () => {}, read: () => {} }, (how) => refused.push(how));
  request.push('hello');
  await turn();
  request.push('hello');
  request.push(null);
  await turn();
  t.match(refused, [{ status: 413 }]);
});

t.test('hands a body on that came in one piece, without a copy of it', async (t) => {
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = '5';
  const read: unknown[] = [];
  readBody(request, 1000, { reading: () => {}, read: () => {} }, (how) => read.push(how));
  const piece = Buffer.from('hello');
  request.push(piece);
  request.push(null);
  await turn();
  t.equal(read.length, 1);
  t.equal(read[0], piece);
});

/** Tests that TLS begins with the first bytes of a client: silent connections cost little, and slow ones are served. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { delayHandshakes } from '../../../webhook/server/handshakes.ts';
import { issue } from '../support/tls-client.ts';

/** A handshake that begins would fail after so many milliseconds, and a silent connection is closed much later. */
const HANDSHAKE_MS = 20;
const SILENT_MS = 300;

/** Starts a server that answers each request with "here", and returns how to connect to it, and the failures of TLS. */
async function start(t: Test, handshakeTimeout = HANDSHAKE_MS) {
  const failures: (string | undefined)[] = [];
  const server = createServer({ ...(await issue()), handshakeTimeout }, (_request, response) => response.end('here'));
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => failures.push(code));
  delayHandshakes(server, SILENT_MS);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const dial = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  return { failures, server, dial };
}

/** Sends a request over TLS on a connection, and returns all that is answered. */
async function ask(connection: Duplex): Promise<string> {
  const tls = connectTls({ socket: connection, rejectUnauthorized: false });
  tls.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  return (await tls.setEncoding('utf8').toArray()).join('');
}

/** Writes to a connection one byte at a time, as a very slow network would. */
function byteByByte(socket: Socket): Duplex {
  return new Duplex({
    read: () => {},
    async write(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) {
        socket.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      done();
    },
    construct(done) {
      socket.setNoDelay(true);
      socket.on('data', (chunk) => this.push(chunk)).on('end', () => this.push(null));
      done();
    },
  });
}

t.test('a connection that is silent is closed, and no handshake begins', async (t) => {
  const { failures, dial } = await start(t);
  const socket = await dial();
  await once(socket.resume(), 'close');
  t.strictSame(failures, []);
});

t.test('a handshake that begins and stops ends by its own time', async (t) => {
  const { failures, server, dial } = await start(t);
  const socket = await dial();
  socket.write(Buffer.of(0x16, 0x03));
  await once(server, 'tlsClientError');
  t.strictSame(failures, ['ERR_TLS_HANDSHAKE_TIMEOUT']);
});

t.test('a client whose bytes come one at a time is answered', async (t) => {
  const { dial } = await start(t, 10_000);
  t.match(await ask(byteByByte(await dial())), /^HTTP\/1.1 200 OK[\s\S]*here/);
});

t.test('clients that leave without a word, or reset, do no harm', async (t) => {
  const { server, dial } = await start(t, 10_000);
  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const accepted = once(server, 'connection');
    const socket = await dial();
    await accepted;
    socket[leave]();
  }
  t.match(await ask(await dial()), /here/);
});

t.test('clients that reset after their first bytes do no harm', async (t) => {
  const { server, dial } = await start(t, 10_000);
  for (let client = 0; client < 20; client++) {
    const accepted = once(server, 'connection');
    const socket = await dial();
    socket.write(Buffer.of(0x16, 0x03));
    await accepted;
    socket.resetAndDestroy();
  }
  t.match(await ask(await dial()), /here/);
});

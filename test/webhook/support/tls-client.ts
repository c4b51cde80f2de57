/** The webhook's server over real TLS, and a client that calls it as the API server does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import selfsigned from 'selfsigned';
import type { Test } from 'tap';
import { type AppOptions, buildApp } from '../../../webhook/server/app.ts';
import type { Pair } from '../../../webhook/server/tls.ts';
import { facts, settings } from './admission.ts';
import { optionsIn } from './image.ts';

type Reply = { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string };

/** A certificate for `localhost` that is its own CA. */
export async function issue(): Promise<Pair> {
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { cert, key };
}

/** Starts the server in a process of its own with the heap that it has in a pod of the chart, and returns the process and a client of it. */
export async function startWithSmallHeap(t: Test) {
  const pair = await issue();
  const script = fileURLToPath(new URL('overload-server.ts', import.meta.url));
  const child = spawn(process.execPath, [...optionsIn(), script, pair.cert, pair.key], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => child.kill());
  const [port] = await once(child.stdout, 'data');
  return { child, ...clientOf(t, Number(port), pair) };
}

/** Starts the server in this process. */
export async function startApp(t: Test, options: Partial<AppOptions> = {}) {
  const pair = options.pair ?? (await issue());
  const app = buildApp({ settings, facts, logLevel: 'silent', ...options, pair });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  const { port } = app.server.address() as AddressInfo;
  return { app, port, pair, ...clientOf(t, port, pair) };
}

type Own = Partial<Pair> & { readonly type?: string; readonly agent?: Agent | false; readonly path?: string };

/** A client that keeps its connections. */
function clientOf(t: Test, port: number, { cert }: Pair) {
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const at = { host: '127.0.0.1', servername: 'localhost', port, ca: cert };
  return {
    /** Sends a whole request. A client certificate, or an agent of its own, makes it open a new connection. */
    post(body: string, { type = 'application/json', path = '/mutate?timeout=10s', ...own }: Own = {}): Promise<Reply> {
      const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
      const call = { ...at, path, method: 'POST', agent, headers, ...own };
      return new Promise((resolve, reject) => {
        const sent = request(call, async (response) => {
          const text = (await response.toArray()).join('');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
        sent.on('error', reject);
        sent.end(body);
      });
    },
    /** Opens a connection from an address of the loopback interface, for a test that sends no whole request. */
    async dial(localAddress = '127.0.0.1'): Promise<TLSSocket> {
      const from = { ...at, localAddress };
      const socket = connect(from);
      const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
      socket.once('secureConnect', () => resolve(socket)).once('error', reject);
      t.teardown(() => socket.destroy());
      return promise;
    },
  };
}

/** The head of a review of so many bytes, and what there is of its body. */
export function partOf(size: number, body = ''): string {
  return `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n${body}`;
}

/** All that comes until the server closes. */
export async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once('close', resolve).on('error', () => {});
  await promise;
  return text;
}

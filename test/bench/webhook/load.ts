/**
 * Loads a webhook from a process of its own: each connection asks again as soon as it is answered. Reads one JSON `Load`
 * from its standard input, prints one JSON `Loaded`.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { percentile } from '../statistics.ts';
import { UID } from './review.ts';

export type Load = {
  readonly port: number;
  /** The CA as PEM. */
  readonly ca: string;
  readonly bodyFile: string;
  /** True if the answers have a patch. */
  readonly patched: boolean;
  readonly connections: number;
  /** Ends with whichever comes first. */
  readonly seconds: number;
  readonly reviews: number;
  /** Milliseconds between an answer and the next request of a connection. */
  readonly pause: number;
};

export type Loaded = {
  readonly reviews: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
};

const load: Load = JSON.parse(await text(process.stdin));
const body = readFileSync(load.bodyFile);
const head = `POST /mutate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const place = head.length + body.indexOf(UID);
const latencies: number[] = [];
let left = load.reviews;

/** Asks until the end, one request at a time. */
async function ask(socket: TLSSocket, request: Buffer, end: number): Promise<void> {
  while (performance.now() < end && left > 0) {
    left -= 1;
    request.write(left.toString().padStart(12, '0'), place);
    const started = performance.now();
    const answer = await answerTo(socket, request);
    latencies.push(performance.now() - started);
    if (!answer.startsWith('HTTP/1.1 200') || answer.includes('"patch":') !== load.patched)
      throw new Error(`answered: ${answer}`);
    if (load.pause > 0) await new Promise((resolve) => setTimeout(resolve, load.pause));
  }
  socket.end();
}

/** All of it has come when the head and as many bytes as it says are there. */
function answerTo(socket: TLSSocket, request: Buffer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = '';
  const onData = (chunk: string): void => {
    received += chunk;
    const start = received.indexOf('\r\n\r\n');
    if (start < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received.slice(0, start))?.[1]);
    if (received.length < start + 4 + length) return;
    socket.off('data', onData).off('close', onClose);
    resolve(received);
  };
  const onClose = (): void => reject(new Error(`the connection was closed: ${received}`));
  socket.on('data', onData).on('close', onClose);
  socket.write(request);
  return promise;
}

async function dial(): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', port: load.port, ca: load.ca });
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  socket
    .setEncoding('latin1')
    .setNoDelay()
    .once('secureConnect', () => resolve(socket))
    .once('error', reject);
  return promise;
}

const sockets = await Promise.all(Array.from({ length: load.connections }, dial));
const started = performance.now();
const end = started + load.seconds * 1000;
await Promise.all(sockets.map((socket) => ask(socket, Buffer.concat([Buffer.from(head), body]), end)));
const loaded: Loaded = {
  reviews: latencies.length,
  seconds: (performance.now() - started) / 1000,
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
  slowest: percentile(latencies, 1),
};
process.stdout.write(JSON.stringify(loaded));

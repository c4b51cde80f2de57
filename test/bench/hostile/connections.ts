/** Makes hostile clients: bodies that stop half-way, answers that nobody reads, and connections that are silent. */
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostileReview, many } from './review.ts';
import { type Attack, dial, type Target } from './target.ts';

const MEBIBYTE = 2 ** 20;

/** Connections that are opened at the same time. */
const AT_ONCE = 50;

/** Returns all bytes of a request but the last one. */
function unfinished(method: string, path: string, bytes: number, type = 'application/json'): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes - 1, ' ')]);
}

/** Returns such a request in chunks, without a Content-Length. */
function chunked(method: string, path: string, bytes: number): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  return Buffer.from(head + chunk.repeat(bytes / 0x10000));
}

type Dialled = (target: Target) => Promise<Socket | undefined>;

const plainly: Dialled = async ({ healthPort }) => connectPlain(healthPort, '127.0.0.1').on('error', () => {});
const plainlyToTls: Dialled = async ({ port }) => connectPlain(port, '127.0.0.1').on('error', () => {});

/** Returns an attack of clients that each write these bytes `times`, read nothing, and leave at the end. */
function clients(name: string, count: number, open: Dialled, text: () => Buffer | string, times = 1): Attack {
  return {
    name,
    async strike(target, seconds) {
      const end = performance.now() + seconds * 1000;
      const bytes = text();
      const sockets = await openAll(count, () => open(target), end);
      for (const socket of sockets) {
        socket.pause();
        for (let time = 0; time < times && bytes.length > 0; time++) socket.write(bytes);
      }
      await sleep(Math.max(0, end - performance.now()));
      for (const socket of sockets) socket.destroy();
      return undefined;
    },
  };
}

/** Opens connections, some at a time, until there are `count`, the time is over, or none is taken any more. */
async function openAll(count: number, open: () => Promise<Socket | undefined>, end: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count && performance.now() < end) {
    const opened = await Promise.all(many(Math.min(AT_ONCE, count - sockets.length), open));
    const taken = opened.filter((socket) => socket !== undefined);
    if (taken.length === 0) break;
    sockets.push(...taken);
  }
  return sockets;
}

/** A review whose answer is as large as it gets: about 200 KB for 9 KB, if each container gets variables. */
function largeAnswer(): string {
  const review = hostileReview({
    annotations: { files: 'f: a', 'mount-path': `/${'a'.repeat(4000)}` },
    spec: { containers: many(400, (index) => ({ name: `c${index}`, image: 'a' })) },
  });
  return `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${review.length}\r\n\r\n${review}`;
}

const BODY = 8 * MEBIBYTE;

/** Returns the attacks on connections. */
export function connectionAttacks(): Attack[] {
  return [
    clients('60 unfinished bodies of 8 MiB to /mutate', 60, dial, () => unfinished('POST', '/mutate', BODY)),
    clients('60 unfinished chunked bodies of 8 MiB to /mutate', 60, dial, () => chunked('POST', '/mutate', BODY)),
    clients('60 unfinished bodies of 8 MiB to another path', 60, dial, () => unfinished('POST', '/other', BODY)),
    clients('60 unfinished chunked bodies of 8 MiB to another path', 60, dial, () => chunked('POST', '/other', BODY)),
    clients('60 unfinished bodies of 8 MiB by PUT', 60, dial, () => unfinished('PUT', '/mutate', BODY)),
    clients('60 unfinished bodies of 8 MiB of text', 60, dial, () => unfinished('POST', '/mutate', BODY, 'text/plain')),
    clients('490 unfinished bodies of 128 KiB to /mutate', 490, dial, () =>
      unfinished('POST', '/mutate', MEBIBYTE / 8),
    ),
    clients('490 unfinished bodies of 1 MiB to the health port', 490, plainly, () =>
      unfinished('POST', '/healthz', MEBIBYTE),
    ),
    clients('490 unfinished bodies of 1 MiB to no path of the health port', 490, plainly, () =>
      unfinished('POST', '/other', MEBIBYTE),
    ),
    clients('100 clients of the metrics that do not read, 1,000 requests each', 100, plainly, () =>
      'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000),
    ),
    clients('40 clients that do not read, 30 reviews each', 40, dial, largeAnswer, 30),
    clients('500 clients that do not read, 1 review each', 500, dial, largeAnswer),
    clients('40 clients that do not read, 20,000 requests of no path each', 40, dial, () =>
      'GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20_000),
    ),
    clients('2,000 connections that are silent', 2000, plainlyToTls, () => ''),
    clients('2,000 connections that are silent after the handshake', 2000, dial, () => ''),
    clients(
      '1,000 heads of 15 KB without an end',
      1000,
      dial,
      () => `POST /mutate HTTP/1.1\r\nX: ${'x'.repeat(15_000)}`,
    ),
    clients('490 connections to the health port that are silent', 490, plainly, () => ''),
  ];
}

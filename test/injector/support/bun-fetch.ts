/**
 * Gives the tests' process the transport that ships. Node, which runs the tests, has a fetch without `tls` and `proxy`: so each
 * request is made by bun-fetch-child.ts in a process of Bun, which gives back what its fetch gave.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Is what the child sends about a request: the head of its answer, a part of its body in base64, its end, or its error. */
export type Reply = { readonly id: number } & (
  | { readonly status: number; readonly headers: Record<string, string> }
  | { readonly part: string }
  | { readonly end: true }
  | {
      readonly error: {
        readonly name: string;
        readonly message: string;
        readonly code?: string;
        readonly status?: number;
      };
    }
);

/** Is what the child is sent: a request with its body in base64, or that a request is over. */
export type Order = {
  readonly id: number;
  readonly url?: string;
  readonly options?: object;
  readonly body?: string;
  /** Is absent if it is that of the order before. It has a hundred certificates. */
  readonly tls?: unknown;
};

const BUN = fileURLToPath(import.meta.resolve(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`));

const waiting = new Map<number, (reply: Reply) => void>();
let child: ChildProcess | undefined;
let count = 0;
let lastTls: unknown;

function startChild(): ChildProcess {
  const started = spawn(BUN, [join(import.meta.dirname, 'bun-fetch-child.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
    env: {},
  });
  started.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply));
  started.unref();
  started.channel?.unref();
  return started;
}

/** Returns a copy of the bytes. The SDK's bodies warn of themselves where they are taken for texts, as `Buffer.from` does. */
function bytesOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.copyBytesFrom(body);
}

/** Makes the request in Bun. A request's timer keeps this process alive meanwhile, and nothing else. */
function bunFetch(url: URL, { signal, body, tls, ...options }: RequestInit & { tls?: unknown }): Promise<Response> {
  child ??= startChild();
  const send = (order: Order) => void child?.send(order);
  count += 1;
  const id = count;
  return new Promise((resolve, reject) => {
    let parts: ReadableStreamDefaultController<Uint8Array> | undefined;
    const fail = (error: unknown) => {
      waiting.delete(id);
      parts?.error(error);
      reject(error);
    };
    const cancel = () => {
      waiting.delete(id);
      send({ id });
    };
    signal?.addEventListener('abort', () => {
      cancel();
      fail(signal.reason);
    });
    waiting.set(id, (reply) => {
      if ('error' in reply) fail(Object.assign(new Error(reply.error.message), reply.error));
      else if ('part' in reply) parts?.enqueue(Buffer.from(reply.part, 'base64'));
      else if ('end' in reply) {
        waiting.delete(id);
        parts?.close();
      } else {
        const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
          parts = controller;
        };
        const stream = new ReadableStream<Uint8Array>({ start, cancel });
        const { status, headers } = reply;
        // The class Response takes no body for some statuses, and no status below 200.
        resolve({ status, headers: new Headers(headers), body: stream } as Response);
      }
    });
    const encoded = body == null ? {} : { body: bytesOf(body as string | Uint8Array).toString('base64') };
    send({ id, url: url.href, options, ...encoded, ...(tls !== lastTls && { tls }) });
    lastTls = tls;
  });
}

const nodeFetch = globalThis.fetch;

// The tests' own requests to servers have no such options, and are made by Node.
globalThis.fetch = ((url, options) =>
  options !== undefined && 'tls' in options ? bunFetch(url as URL, options) : nodeFetch(url, options)) as typeof fetch;

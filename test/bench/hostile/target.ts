/** A webhook that is attacked, and the one request that most attacks consist of. */
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** The ports of a webhook on this machine, and the PEM of the CA that its certificate comes from. */
export type Target = { readonly port: number; readonly healthPort: number; readonly ca: string };

/** An answer: its status, its size in bytes, and the milliseconds until its end. Status 0 is a connection without an answer. */
export type Reply = { readonly status: number; readonly bytes: number; readonly ms: number };

/** Describes one attack. */
export type Attack = {
  readonly name: string;
  /** Sends one review and returns its answer, where the attack consists of reviews. */
  readonly once?: (target: Target) => Promise<Reply>;
  /** Attacks again and again, ends soon after `seconds`, and returns the slowest answer where it waits for answers. */
  readonly strike: (target: Target, seconds: number) => Promise<Reply | undefined>;
};

/** The longest that the API server waits for a webhook. */
const LONGEST_MS = 10_000;

const NO_REPLY: Reply = { status: 0, bytes: 0, ms: 0 };

/** Sends one review on a connection of its own, and returns what is known of the answer. It never throws. */
export function post({ port, ca }: Target, review: string): Promise<Reply> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const none = () => resolve({ ...NO_REPLY, ms: performance.now() - started });
  const call = request({
    ...{ host: '127.0.0.1', servername: 'localhost', port, ca, agent: false, method: 'POST' },
    ...{ path: '/mutate?timeout=10s', headers: { 'content-type': 'application/json' } },
  });
  call.setTimeout(LONGEST_MS, () => call.destroy());
  call.on('error', none).on('response', (answer) => {
    let bytes = 0;
    answer
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      })
      .on('error', none)
      .on('end', () => resolve({ status: answer.statusCode ?? 0, bytes, ms: performance.now() - started }));
  });
  call.end(review);
  return promise;
}

/** Returns an attack that sends reviews one after another. `make` gets another number each time, so that no text is known. */
export function oneByOne(name: string, make: (salt: number) => string): Attack {
  return {
    name,
    once: (target) => post(target, make(-1)),
    async strike(target, seconds) {
      const end = performance.now() + seconds * 1000;
      let slowest = NO_REPLY;
      for (let salt = 0; performance.now() < end; salt++) {
        const reply = await post(target, make(salt));
        if (reply.ms > slowest.ms) slowest = reply;
        if (reply.status === 0) break;
        await sleep(10);
      }
      return slowest;
    },
  };
}

/** Opens a TLS connection and returns it, or undefined where the webhook does not take it. Its errors are ignored. */
export function dial({ port, ca }: Target): Promise<TLSSocket | undefined> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | undefined>();
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca });
  socket.setTimeout(LONGEST_MS, () => socket.destroy());
  socket
    .once('secureConnect', () => resolve(socket))
    .on('error', () => {})
    .once('close', () => resolve(undefined));
  return promise;
}

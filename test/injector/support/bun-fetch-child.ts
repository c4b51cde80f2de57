/** Makes the requests of bun-fetch.ts, in a process of Bun. */
import type { Order, Reply } from './bun-fetch.ts';

const running = new Map<number, AbortController>();

const send = (reply: Reply) => void process.send?.(reply);

let lastTls: unknown;

async function make({ id, url = '', options, body, tls = lastTls }: Order): Promise<void> {
  const ending = new AbortController();
  running.set(id, ending);
  lastTls = tls;
  const bytes = body === undefined ? {} : { body: Buffer.from(body, 'base64') };
  try {
    const init: RequestInit & { tls: unknown } = { ...options, ...bytes, tls, signal: ending.signal };
    const answer = await fetch(url, init);
    send({ id, status: answer.status, headers: Object.fromEntries(answer.headers) });
    for await (const part of answer.body ?? []) send({ id, part: Buffer.from(part).toString('base64') });
    send({ id, end: true });
  } catch (error) {
    const { name, message, code, status } = error as Error & { code?: string; status?: number };
    send({
      id,
      error: { name, message, ...(code !== undefined && { code }), ...(status !== undefined && { status }) },
    });
  }
  running.delete(id);
}

process.on('message', (order: Order) => {
  if (order.url === undefined) running.get(order.id)?.abort();
  else void make(order);
});
process.on('disconnect', () => process.exit());

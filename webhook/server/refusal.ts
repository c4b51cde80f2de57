/** Answers that a client gets without its whole request having been read. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';

export type Refusal = { readonly status: number; readonly error: string; readonly headers?: Record<string, string> };

/** Seconds after which the API server sends a request again that was refused for want of room. */
export const RETRY_AFTER = 1;

/** Milliseconds between the answer and the end of a connection. Closed at once, it would be reset, and the answer lost. */
const LINGER_MS = 3000;

/** Returns the refusal of a body that is larger than so many bytes. */
export function tooLarge(limit: number): Refusal {
  return { status: 413, error: `the body is larger than ${limit} bytes` };
}

/** Answers and closes. What the client still sends is not read. */
export function refuse(request: IncomingMessage, { status, error, headers = {} }: Refusal): void {
  const { socket } = request;
  const body = JSON.stringify({ error });
  const all = {
    ...headers,
    connection: 'close',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  request.pause();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** Starts an HTTP proxy that answers everything with the status, and returns its URL. */
export async function proxyThatAnswers(t: Test, status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end());
  server.on('connect', (_, socket) => {
    // A client may reset a connection that it has no use for.
    socket.on('error', () => {}).end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

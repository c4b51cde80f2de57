import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { parseHost } from './host.ts';

/** An HTTP proxy for CONNECT, the only way to reach the in-memory AWS by AWS's own names. */
export type ConnectProxy = {
  /** The URL, such as http://127.0.0.1:40124. */
  url: string;
  /** `host:port` of every CONNECT, and the URL of every other request, in order of arrival. */
  asked: string[];
};

/** Opens tunnels to a port of this machine for AWS's names. It can not resolve other names, nor those in `missing`. */
export async function startProxy(
  target: { host: string; port: number },
  { host, port, missing = [] }: { host: string; port: number; missing?: readonly string[] | undefined },
): Promise<ConnectProxy & { close(): Promise<void> }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(403).end();
  });
  server.on('connection', (socket: Socket) => {
    // A client may reset a connection that it has no use for.
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
  });
  server.on('connect', ({ url = '' }, socket: Socket, head: Buffer) => {
    asked.push(url);
    const resolved = parseHost(url) !== undefined && url.endsWith(':443') && !missing.includes(url.slice(0, -4));
    if (!resolved) socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else tunnel(socket, head, target);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function tunnel(socket: Socket, head: Buffer, { host, port }: { host: string; port: number }): void {
  const upstream = connect(port, host);
  upstream.on('connect', () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () =>
    upstream.bytesRead > 0 ? socket.destroy() : socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
  );
  upstream.on('close', () => socket.destroySoon());
  socket.on('error', () => upstream.destroy());
  socket.on('close', () => upstream.destroy());
}

/** How many connections a server holds. Where one comes too many, the client that keeps it waiting longest goes. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * To turn the new one away instead would let silent connections keep everybody out: probes, and the API server. One whose
 * request has come whole is not cut before its answer is out.
 */
export function boundConnections(server: Pick<Server, 'on'>, limit: number, onCut: () => void): void {
  const open = new Map<string, Socket>();
  const awaited = new Map<string, Socket>();

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    open.set(key, socket);
    awaited.set(key, socket);
    socket.once('close', () => {
      open.delete(key);
      awaited.delete(key);
    });
    if (open.size <= limit) return;
    const [longest = socket] = awaited.values();
    longest.destroy();
    onCut();
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(request.socket);
    const connection = open.get(key);
    request.once('end', () => awaited.delete(key));
    response.once('close', () => {
      awaited.delete(key);
      if (connection && !connection.destroyed) awaited.set(key, connection);
    });
  });
}

/** The same for a connection and for the TLS in it, which are two objects. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

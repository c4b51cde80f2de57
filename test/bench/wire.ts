/**
 * Is the distance to AWS: a relay of TCP connections in which every round trip takes time, also that of the connection's start.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Wire = {
  readonly port: number;
  /** Accepted since the start. */
  connections(): number;
  close(): void;
};

/**
 * Starts a wire. `roundTrip` is in milliseconds: what a client sends arrives that much later, and what it is sent comes at
 * once.
 */
export async function startWire(target: number, roundTrip: number): Promise<Wire> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    delay(client, upstream, roundTrip);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection over loopback is there at once; over the wire its first byte has waited for a round trip. */
function delay(from: Socket, to: Socket, roundTrip: number): void {
  const open = performance.now() + roundTrip;
  let line = Promise.resolve();
  const send = (deliver: () => void): void => {
    const due = Math.max(open, performance.now()) + roundTrip;
    line = line.then(() => sleep(Math.max(0, due - performance.now()))).then(deliver);
  };
  from.on('data', (chunk) => send(() => to.write(chunk)));
  from.on('end', () => send(() => to.end()));
}

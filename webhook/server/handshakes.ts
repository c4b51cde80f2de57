/** Begins a TLS handshake when the client's first bytes are there: a silent connection takes a fourth of the time without TLS. */
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { createTurns } from './turns.ts';

type Listener = (socket: Socket) => void;

/** To begin a handshake takes about half a millisecond, and reviews must not wait for many of them. */
const HANDSHAKES_PER_TURN = 2;

/**
 * Delays what the server does with a new TCP connection until something was received, but closes it after so many milliseconds.
 * Listeners for the event `connection` that are added later are called at once. A server may be given such a socket, and reads
 * what was received already: https://nodejs.org/api/tls.html#event-connection.
 */
export function delayHandshakes(server: Server, deadlineMs: number): void {
  const listeners = server.listeners('connection') as Listener[];
  const inTurns = createTurns(HANDSHAKES_PER_TURN);
  const begin = (socket: Socket) => {
    if (socket.destroyed) return;
    for (const listener of listeners) listener.call(server, socket);
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // A client may reset the connection before TLS has a listener.
    socket.on('error', () => {});
    socket.setTimeout(deadlineMs, () => socket.destroy());
    socket.once('readable', () => {
      socket.setTimeout(0);
      if (socket.readableLength === 0) socket.destroy();
      else inTurns(() => begin(socket));
    });
  });
}

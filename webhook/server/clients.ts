/** Counts the clients of a server and the bytes that the server holds for them. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createDeadlines } from './deadlines.ts';

export type ClientLimits = {
  /** Connections that the server waits for. Those whose requests are being answered are not counted: the intake bounds them. */
  readonly connections: number;
  /** Connections of one address that the server waits for, after their TLS handshake. */
  readonly connectionsPerAddress: number;
  /** Bytes of a body up to which it counts as small. */
  readonly small: number;
  /** Bytes of all small bodies that are in memory. A body counts until its answer is written. */
  readonly smallBodies: number;
  /** Bytes of all larger bodies. */
  readonly largeBodies: number;
  /** Bytes of all answers that their clients have not read, and of refused bodies that are not read. */
  readonly answers: number;
  /** Milliseconds in which a client must read its answer. */
  readonly answerMs: number;
};

type Kind = 'smallBodies' | 'largeBodies' | 'answers';

/** One connection, which has at most one request at a time. */
type Client = {
  readonly socket: Socket;
  readonly address: string;
  isOpen: boolean;
  kind: Kind;
  bytes: number;
  /** `next` means that a request came after the answer to the last one was written, but before Node says that it is sent. */
  state: 'idle' | 'asked' | 'answered' | 'next';
  /** When its TLS handshake ended, and when its last answer was sent, in milliseconds of `performance.now()`. */
  secured?: number;
  served: number;
  /** Ends the client because too many bytes are in memory. */
  giveUp: () => void;
  next: (() => void) | undefined;
};

export type Clients = ReturnType<typeof watchClients>;

/** A client has so many milliseconds after its handshake to send its first request, even if its address has too many connections. */
const YOUNG_MS = 250;

/** The next request of a client that had an answer so many milliseconds ago may be under way. Other clients are closed first. */
const KEPT_MS = 5000;

/**
 * Follows the connections of a server. When a limit is passed, the client is closed that the server has waited for longest: for
 * its request, for the rest of its body, or until it has read its answer. A new client could not be refused instead, because
 * silent connections would then keep everybody out. A client whose request is being answered is never closed. One address has
 * fewer connections than all together, so that one hostile client can't push out the API server's.
 */
export function watchClients(server: Pick<Server, 'on'>, limits: ClientLimits, onClosed: () => void) {
  const open = new Map<string, Client>();
  /** The clients that the server waits for, in the order in which it began to wait. */
  const awaited = new Set<Client>();
  /** The client of each socket that was asked for: the keys take time to make. */
  const bySocket = new WeakMap<Socket, Client>();
  const totals: Record<Kind, number> = { smallBodies: 0, largeBodies: 0, answers: 0 };
  const deadlines = createDeadlines<Client>(limits.answerMs, (client) => client.giveUp());

  function clientOf({ socket }: IncomingMessage): Client | undefined {
    const client = bySocket.get(socket) ?? open.get(keyOf(socket));
    if (!client?.isOpen) return undefined;
    bySocket.set(socket, client);
    return client;
  }

  const awaitNow = (client: Client) => {
    awaited.delete(client);
    awaited.add(client);
  };

  function longestAwaited(kind: Kind): Client | undefined {
    for (const client of awaited) if (client.kind === kind && client.bytes > 0) return client;
    return undefined;
  }

  function record(client: Client, kind: Kind, bytes: number): void {
    totals[client.kind] -= client.bytes;
    totals[kind] += bytes;
    client.kind = kind;
    client.bytes = bytes;
    while (totals[kind] > limits[kind]) {
      const longest = longestAwaited(kind);
      if (!longest) return;
      totals[kind] -= longest.bytes;
      longest.bytes = 0;
      longest.giveUp();
    }
  }

  /** Closes one of these clients, which are in the order in which the server began to wait for them. */
  function makeRoom(clients: readonly Client[]): void {
    const now = performance.now();
    const longest = clients.find(({ served }) => now - served > KEPT_MS) ?? clients[0];
    if (!longest) return;
    awaited.delete(longest);
    close(longest);
  }

  function forget(key: string, client: Client): void {
    // A client that broke its connection off may have come again from the same port before Node says that the old one is closed.
    if (open.get(key) === client) open.delete(key);
    client.isOpen = false;
    awaited.delete(client);
    deadlines.end(client);
    record(client, client.kind, 0);
  }

  function close(client: Client): void {
    client.socket.destroy();
    onClosed();
  }

  function ask(client: Client, response: ServerResponse, start: () => void): void {
    client.state = 'asked';
    awaitNow(client);
    response.once('close', () => {
      const { next } = client;
      client.state = 'idle';
      client.next = undefined;
      deadlines.end(client);
      record(client, client.kind, 0);
      if (client.socket.destroyed) return;
      client.served = performance.now();
      awaitNow(client);
      next?.();
    });
    start();
  }

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    const { remoteAddress: address = '' } = socket;
    const client: Client = {
      socket,
      address,
      isOpen: true,
      kind: 'smallBodies',
      bytes: 0,
      state: 'idle',
      served: Number.NEGATIVE_INFINITY,
      next: undefined,
      giveUp: () => close(client),
    };
    open.set(key, client);
    awaited.add(client);
    socket.once('close', () => forget(key, client));
    if (awaited.size > limits.connections) makeRoom([...awaited]);
  });

  server.on('secureConnection', (socket: TLSSocket) => {
    const client = open.get(keyOf(socket));
    if (!client) return;
    const now = performance.now();
    client.secured = now;
    awaitNow(client);
    const ofAddress = [...awaited].filter((other) => other.address === client.address && other.secured !== undefined);
    if (ofAddress.length <= limits.connectionsPerAddress) return;
    makeRoom(ofAddress.filter(({ secured = now }) => now - secured > YOUNG_MS));
  });

  return {
    /** Calls `start` when the last answer is sent. Closes a client that asks again before it has an answer: none of ours does. */
    begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
      const client = clientOf(request);
      if (client?.state === 'idle') ask(client, response, start);
      else if (client?.state === 'answered') {
        client.state = 'next';
        client.next = () => ask(client, response, start);
      } else closePipeline(request.socket);
    },
    /** Counts the bytes of a body that is being read. `giveUp` is called, perhaps at once, when there is no room for it. */
    reading(request: IncomingMessage, bytes: number, giveUp: () => void): void {
      const client = clientOf(request);
      if (!client) return;
      client.giveUp = giveUp;
      record(client, bytes > limits.small ? 'largeBodies' : 'smallBodies', bytes);
    },
    /** Notes that the request is there as a whole, so that the server does not wait for this client any more. */
    read(request: IncomingMessage): void {
      const client = clientOf(request);
      if (client) awaited.delete(client);
    },
    /** Counts the bytes of an answer, in place of those of the body, until it is sent. A client that does not read it in time is closed. */
    answering(request: IncomingMessage, bytes: number): void {
      const client = clientOf(request);
      if (!client) return;
      client.state = 'answered';
      client.giveUp = () => close(client);
      deadlines.begin(client);
      awaitNow(client);
      record(client, 'answers', bytes);
    },
  };
}

/** Returns what a TCP connection and the TLS connection in it have in common; Node has an object for each. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * Closes a connection that sent several requests at once. Node would still make a request of each head in the piece that it has
 * read, up to 2,000 of them, and an error for each when the connection is closed, which takes 25 ms. There is no documented way to
 * stop its parser: 2 is what Node itself returns there when another protocol follows.
 */
function closePipeline(socket: Socket & { parser?: { onIncoming: () => number } | null }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2;
  socket.destroy();
}

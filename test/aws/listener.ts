import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import type { Answer } from './protocol.ts';
import type { SignedRequest } from './sigv4.ts';

/** Answers a request that came over the numbered connection. */
export type Handler = (request: SignedRequest, connection: number) => Promise<Answer & { requestId: string }>;

export type Listener = {
  port: number;
  connections(): number;
  /** Refuses and cuts all connections. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
};

/** A server's key and chain, and the CA that signed it. */
export type Identity = { key: string; cert: string; ca: string };

/** Serves a handler over HTTP, or HTTPS where it has an identity. */
export async function listen(
  handler: Handler,
  { host, port, identity }: { host: string; port: number; identity: Identity | undefined },
): Promise<Listener> {
  const numbers = new Map<Socket, number>();
  const serve: RequestListener = (request, response) => {
    const connection = numbers.get(request.socket) ?? 0;
    void answerOne(handler, connection, { request, response });
  };
  const server = identity === undefined ? createServer(serve) : createTlsServer(identity, serve);
  server.keepAliveTimeout = 20_000;
  server.on(identity === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    numbers.set(socket, numbers.size + 1);
  });
  let bound = port;
  const start = async (): Promise<void> => {
    server.listen(bound, host);
    await once(server, 'listening');
    bound = (server.address() as AddressInfo).port;
  };
  await start();
  return { port: bound, connections: () => numbers.size, start, stop: () => stop(server) };
}

/** A fresh CA and a certificate by it for this machine's own names and those given. */
export async function createIdentity(names: string[]): Promise<Identity> {
  const ec = { keyType: 'ec', algorithm: 'sha256' } as const;
  const ca = await generate([{ name: 'commonName', value: 'in-memory AWS CA' }], {
    ...ec,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const all = ['localhost', '127.0.0.1', '::1', ...names];
  const leaf = await generate([{ name: 'commonName', value: 'in-memory AWS' }], {
    ...ec,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: all.map((value) => (isIP(value) === 0 ? { type: 2, value } : { type: 7, ip: value })),
      },
    ],
  });
  return { key: leaf.private, cert: leaf.cert, ca: ca.cert };
}

type Exchange = { request: IncomingMessage; response: ServerResponse };

async function answerOne(handler: Handler, connection: number, { request, response }: Exchange): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  const answer = await handler(toSigned(request, Buffer.concat(chunks)), connection);
  if (answer.kind === 'hang') return;
  if (answer.kind === 'reset') {
    reset(request.socket);
    return;
  }
  const headers = { 'content-type': answer.type, 'x-amzn-requestid': answer.requestId };
  response.writeHead(
    answer.status,
    answer.error === undefined ? headers : { ...headers, 'x-amzn-errortype': answer.error },
  );
  response.end(answer.body);
}

function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function toSigned(request: IncomingMessage, body: Buffer): SignedRequest {
  const headers = new Map(Object.entries(request.headersDistinct).map(([name, values]) => [name, values ?? []]));
  return { method: request.method ?? '', target: request.url ?? '/', headers, body };
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

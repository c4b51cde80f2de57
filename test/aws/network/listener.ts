import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type SecureContext, TLSSocket, type TlsOptions } from 'node:tls';
import type { SignedRequest } from '../iam/sigv4.ts';
import type { Answer } from '../protocol.ts';
import type { Identity } from './certificate.ts';
import { parseHost } from './host.ts';

/** Answers a request that came over the numbered connection. */
export type Handler = (request: SignedRequest, connection: number) => Promise<Answer & { requestId?: string }>;

export type Listener = {
  port: number;
  connections(): number;
  /** Refuses and cuts all connections. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
};

type ListenOptions = {
  readonly host: string;
  readonly port: number;
  readonly identity: Identity | undefined;
  /** Returns the time of the header Date, by which the SDK corrects a client's clock. */
  readonly now: () => Date;
};

/** Serves a handler over HTTP, or HTTPS where it has an identity. */
export async function listen(handler: Handler, { host, port, identity, now }: ListenOptions): Promise<Listener> {
  const numbers = new Map<Socket, number>();
  const serve: RequestListener = (request, response) => {
    const connection = numbers.get(request.socket) ?? 0;
    response.setHeader('date', now().toUTCString());
    void answerOne(handler, connection, { request, response });
  };
  const server = identity === undefined ? createServer(serve) : createTlsServer(tlsOptions(identity), serve);
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

/** AWS's own names each get a certificate when somebody first asks for them. */
function tlsOptions({ key, cert, ca, contextFor }: Identity): TlsOptions {
  const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
    if (parseHost(name) === undefined) done(null);
    else contextFor(name).then((context) => done(null, context), done);
  };
  return { key, cert, ca, SNICallback };
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
  if (answer.kind === 'wire') {
    request.socket.on('error', () => {});
    answer.write(request.socket);
    return;
  }
  if (answer.kind === 'reset') {
    reset(request.socket);
    return;
  }
  const { requestId, error } = answer;
  response.writeHead(answer.status, {
    'content-type': answer.type,
    ...(requestId === undefined ? {} : { 'x-amzn-requestid': requestId }),
    ...(requestId === undefined || error === undefined ? {} : { 'x-amzn-errortype': error }),
  });
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

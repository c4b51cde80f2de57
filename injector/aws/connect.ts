/** Opens one connection to an endpoint: directly or through an HTTP proxy, with TLS or without. */
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { named } from './error.ts';
import { createHeadReader } from './head.ts';

/** A connection, or a tunnel through a proxy, is there within so many milliseconds. */
const CONNECTION_TIMEOUT = 2_000;

/** The TLS handshake has so many milliseconds, as an answer has. */
const HANDSHAKE_TIMEOUT = 5_000;

/** Returns the TLS options that say which certificates are trusted. Throws if the configured ones can't be read. */
export type Trust = () => Pick<ConnectionOptions, 'secureContext' | 'rejectUnauthorized'>;

/** Says how an endpoint is reached. */
export type Way = {
  /** The URL of the endpoint. Only its origin is used. */
  readonly endpoint: URL;
  /** The URL of the HTTP proxy; undefined if the connection is direct. */
  readonly proxy: URL | undefined;
  readonly trust: Trust;
  /** The connection is there within so many milliseconds; {@link CONNECTION_TIMEOUT} if it is absent. */
  readonly connectionTimeout?: number | undefined;
  /** Looks up names. It is for tests; if it is absent, the system's resolver does. */
  readonly lookup?: LookupFunction | undefined;
};

/** Returns the host of a URL as sockets take it, which is without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Returns the port of a URL of http or https. */
export function portOf({ protocol, port }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/**
 * Opens a connection and returns its socket, on which a TLS handshake is over if the endpoint has TLS. Rejects with the error of
 * the socket, TimeoutError, or one with the code ERR_PROXY_TUNNEL and the proxy's status. The socket has a listener for errors.
 */
export async function connect(way: Way): Promise<Socket> {
  const { endpoint, proxy } = way;
  const isSecure = endpoint.protocol === 'https:';
  if (proxy === undefined) return reach(endpoint, way);
  const socket = await reach(proxy, way);
  if (!isSecure) return socket;
  await openTunnel(socket, endpoint);
  return secure(endpoint, { ...way, socket });
}

/** Connects to the host of the URL itself. */
function reach(url: URL, way: Way): Promise<Socket> {
  if (url.protocol === 'https:') return secure(url, way);
  const socket = connectTcp({ host: hostOf(url), port: portOf(url), ...lookupOf(way) });
  return opened(socket, 'connect', way.connectionTimeout);
}

/** Opens a TLS connection, over the socket if there is one. */
function secure(url: URL, way: Way & { readonly socket?: Socket }): Promise<Socket> {
  const host = hostOf(url);
  const over = way.socket === undefined ? {} : { socket: way.socket };
  const servername = isIP(host) === 0 ? host : '';
  const target = { host, port: portOf(url), servername, ALPNProtocols: ['http/1.1'] };
  const socket = connectTls({ ...target, ...lookupOf(way), ...over, ...way.trust() });
  return opened(socket, 'secureConnect', way.socket === undefined ? way.connectionTimeout : HANDSHAKE_TIMEOUT);
}

function lookupOf({ lookup }: Way): { lookup?: LookupFunction } {
  return lookup === undefined ? {} : { lookup };
}

type Opening = 'connect' | 'secureConnect';

/** Waits until the connection is there, and with `secureConnect` until its handshake is over. */
function opened(socket: Socket, event: Opening, timeout = CONNECTION_TIMEOUT): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const expire = () => socket.destroy(late());
    let timer = setTimeout(expire, timeout);
    const end = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.setNoDelay(true);
    socket.on('error', end);
    socket.once('close', () => end(Object.assign(named('Error'), { code: 'ECONNRESET' })));
    socket.once('connect', () => {
      clearTimeout(timer);
      timer = setTimeout(expire, HANDSHAKE_TIMEOUT);
    });
    socket.once(event, () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Creates the error of a connection that is not there in time. Its code says that no request was sent. */
function late(): Error {
  return Object.assign(named('TimeoutError'), { code: 'ETIMEDOUT' });
}

/** Asks the proxy for a tunnel to the endpoint, and waits until it is there. */
function openTunnel(socket: Socket, endpoint: URL): Promise<void> {
  const authority = `${endpoint.hostname}:${portOf(endpoint)}`;
  const reader = createHeadReader();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(late()), CONNECTION_TIMEOUT);
    const end = (error?: Error) => {
      clearTimeout(timer);
      socket.off('data', take).off('close', close);
      if (error === undefined) return resolve();
      socket.destroy();
      reject(error);
    };
    const close = () => end(noTunnel());
    const take = (bytes: Buffer) => {
      try {
        const answer = reader.take(bytes);
        if (answer === undefined) return;
        const { head, rest } = answer;
        end(head.status < 300 && rest.length === 0 ? undefined : noTunnel(head.status));
      } catch {
        end(noTunnel());
      }
    };
    socket.on('data', take).on('close', close);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  });
}

/** Creates the error of a proxy that opens no tunnel, with the status that it answered. */
function noTunnel(status?: number): Error {
  return Object.assign(named('Error'), { code: 'ERR_PROXY_TUNNEL', ...(status === undefined ? {} : { status }) });
}

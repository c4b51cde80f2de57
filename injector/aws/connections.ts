/**
 * Keeps the connections to one endpoint. Some can be opened before there is a request for them, so that their TLS handshakes run
 * while the credentials are fetched. It has its own HTTP/1.1, of the little that AWS's protocols need: with the SDK on node:https
 * one secret took 57 ms of CPU time, and fifty took 156.
 */
import type { Answer } from './answer.ts';
import { connect, portOf, type Trust, type Way } from './connect.ts';
import { type Connection, createConnection } from './connection.ts';
import { named } from './error.ts';
import { bypassesProxy } from './no-proxy.ts';

/** Names an HTTP proxy, and the hosts that are reached without it, as {@link bypassesProxy} reads them. */
type HttpProxy = { readonly url: string; readonly noProxy: string };

/** A request of HTTP. The headers `host` and `content-length` are added to it. */
type Request = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The most bytes that the body of the answer may have. */
  readonly limit: number;
};

export type Connections = {
  /** Makes a request on a free connection, or on a new one. Rejects with an error of {@link connect} or of {@link Connection}. */
  ask(request: Request): Promise<Answer>;
  /**
   * Opens that many connections to an https endpoint, for the first requests. Their errors are not reported: a request that
   * needs a connection reports its own. Opens none through a proxy, where each connection is a request to the proxy.
   */
  open(count: number): void;
  /** Closes all connections. */
  close(): void;
};

export type ConnectionOptions = {
  readonly endpoint: URL;
  /** If it is absent, every connection is direct. */
  readonly proxy?: HttpProxy | undefined;
  readonly trust: Trust;
  /** Is called when the first TLS handshake is over. */
  readonly onConnected?: (() => void) | undefined;
  readonly connectionTimeout?: Way['connectionTimeout'];
  readonly lookup?: Way['lookup'];
};

/** Creates the connections to one endpoint, and opens none yet. */
export function createConnections(options: ConnectionOptions): Connections {
  const { endpoint, onConnected } = options;
  const way: Way = { ...options, proxy: proxyOf(options) };
  const isSecure = endpoint.protocol === 'https:';
  const all = new Set<Connection>();
  const free: Connection[] = [];
  const opening: Promise<Connection>[] = [];
  let isClosed = false;
  const start = async (): Promise<Connection> => {
    const connection = createConnection(await connect(way));
    if (isClosed) {
      connection.close();
      throw named('Error');
    }
    all.add(connection);
    if (isSecure) onConnected?.();
    return connection;
  };
  const next = async (): Promise<Connection> => {
    for (let one = free.pop(); one !== undefined; one = free.pop()) if (one.isOpen()) return one;
    for (let one = opening.shift(); one !== undefined; one = opening.shift()) {
      const connection = await one;
      if (connection.isOpen()) return connection;
    }
    return start();
  };
  return {
    ask: async (request) => {
      const connection = await next();
      try {
        return await connection.ask(textOf(request, way), request.limit);
      } finally {
        if (connection.isOpen()) free.push(connection);
        else all.delete(connection);
      }
    },
    open: (count) => {
      if (isClosed || !isSecure || way.proxy !== undefined) return;
      while (opening.length < count) {
        const connection = start();
        connection.catch(() => {
          const index = opening.indexOf(connection);
          if (index >= 0) opening.splice(index, 1);
        });
        opening.push(connection);
      }
    },
    close: () => {
      isClosed = true;
      for (const connection of all) connection.close();
    },
  };
}

function proxyOf({ endpoint, proxy }: ConnectionOptions): URL | undefined {
  if (proxy === undefined) return undefined;
  const target = { host: endpoint.hostname, port: portOf(endpoint) };
  return bypassesProxy(proxy.noProxy, target) ? undefined : new URL(proxy.url);
}

/** Returns the request as it is sent. A proxy is given the whole URL, unless it only passes a tunnel's bytes on. */
function textOf({ method, path, headers, body }: Request, { endpoint, proxy }: Way): string {
  const isForProxy = proxy !== undefined && endpoint.protocol !== 'https:';
  const length = method === 'POST' ? { 'content-length': `${Buffer.byteLength(body)}` } : {};
  const lines = Object.entries({ host: endpoint.host, ...headers, ...length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${isForProxy ? endpoint.origin : ''}${path} HTTP/1.1\r\n${head}\r\n${body}`;
}

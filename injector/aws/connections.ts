/** Connections to one service. Those opened before they are asked for make their handshakes while something else is awaited. */
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as TlsOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { bypassesProxy, type Target } from './no-proxy.ts';

export type Connections = {
  readonly agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  /**
   * Opens that many to an https endpoint, for the requests that come first. Whether they succeed, only those tell. None is
   * opened through a proxy, where each connection is a request of its own.
   */
  open(endpoint: URL, count: number): void;
  /** Ends those that nobody has asked for. */
  close(): void;
};

/** The HTTP proxy on the way, and the hosts that are reached without it, as {@link bypassesProxy} reads them. */
export type HttpProxy = { readonly url: string; readonly noProxy: string };

/** Of a TLS connection. Throws where what is configured can't be read. */
export type Trust = () => Pick<TlsOptions, 'secureContext' | 'rejectUnauthorized'>;

export type ConnectionOptions = {
  readonly agent: AgentOptions;
  /** Absent: every connection is direct. */
  readonly proxy?: HttpProxy | undefined;
  readonly trust: Trust;
  /** Hears when the first connection can carry a request. */
  readonly onConnected?: () => void;
};

/**
 * Makes the agents of one service in one region; no connection is opened yet. The proxy is left out for each https host that
 * bypasses it. Plain http is spoken to a known endpoint only: whoever makes the agents leaves the proxy out for that.
 */
export function createConnections({ agent, proxy, trust, onConnected }: ConnectionOptions): Connections {
  const proxied = { ...agent, proxyEnv: proxy === undefined ? {} : { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url } };
  const httpAgent = new HttpAgent(proxied);
  const httpsAgent = new HttpsAgent(proxied);
  const spares: { readonly to: string; readonly socket: Duplex }[] = [];
  let closed = false;
  const connectDirectly = createConnection(new HttpsAgent(agent));
  const connectThrough = createConnection(httpsAgent);
  const isDirect = (target: Target) => proxy === undefined || bypassesProxy(proxy.noProxy, target);
  httpsAgent.createConnection = (options, done) => {
    const { port } = options;
    const host = options.host ?? 'localhost';
    const to = `${host}:${port}`;
    for (let spare = spares.shift(); spare !== undefined; spare = spares.shift()) {
      if (spare.to === to && spare.socket.writable) return spare.socket;
      spare.socket.destroy();
    }
    const connect = isDirect({ host, port: Number(port ?? 443) }) ? connectDirectly : connectThrough;
    const socket = connect({ ...options, ...trust() }, done);
    if (onConnected !== undefined) socket?.once('secureConnect', onConnected);
    return socket;
  };
  return {
    agents: { httpAgent, httpsAgent },
    open: ({ protocol, hostname, port }, count) => {
      if (closed || protocol !== 'https:') return;
      const host = hostname.replace(/^\[|\]$/g, '');
      const target = { host, port: Number(port || 443), servername: isIP(host) === 0 ? host : '' };
      if (!isDirect(target)) return;
      while (spares.length < count) {
        const socket = connectDirectly({ ...httpsAgent.options, ...target, ...trust() });
        if (!socket) return;
        // A request that is given it hears of errors too; without one nobody wants to.
        socket.on('error', () => {});
        spares.push({ to: `${host}:${target.port}`, socket });
      }
    },
    close: () => {
      closed = true;
      for (const { socket } of spares.splice(0)) socket.destroy();
    },
  };
}

function createConnection(agent: HttpsAgent): HttpsAgent['createConnection'] {
  return agent.createConnection.bind(agent);
}

/** Connections to one service. Those opened before they are asked for make their handshakes while something else is awaited. */
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as TlsOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';

export type Connections = {
  readonly agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  /** Opens that many to an https endpoint, for the requests that come first. Whether they succeed, only those tell. */
  open(endpoint: URL, count: number): void;
  /** Ends those that nobody has asked for. */
  close(): void;
};

/** Of a TLS connection. Throws where what is configured can't be read. */
export type Trust = () => Pick<TlsOptions, 'secureContext' | 'rejectUnauthorized'>;

export type ConnectionOptions = {
  readonly agent: AgentOptions;
  readonly trust: Trust;
  /** Hears when the first connection can carry a request. */
  readonly onConnected?: () => void;
};

/** No connection is opened yet. */
export function createConnections({ agent, trust, onConnected }: ConnectionOptions): Connections {
  const httpAgent = new HttpAgent(agent);
  const httpsAgent = new HttpsAgent(agent);
  const spares: { readonly to: string; readonly socket: Duplex }[] = [];
  let closed = false;
  const connect = httpsAgent.createConnection.bind(httpsAgent);
  httpsAgent.createConnection = (options, done) => {
    const to = `${options.host}:${options.port}`;
    for (let spare = spares.shift(); spare !== undefined; spare = spares.shift()) {
      if (spare.to === to && spare.socket.writable) return spare.socket;
      spare.socket.destroy();
    }
    const socket = connect({ ...options, ...trust() }, done);
    if (onConnected !== undefined) socket?.once('secureConnect', onConnected);
    return socket;
  };
  return {
    agents: { httpAgent, httpsAgent },
    open: ({ protocol, hostname, port }, count) => {
      if (closed || protocol !== 'https:') return;
      const host = hostname.replace(/^\[|\]$/g, '');
      const target = { host, port: port || 443, servername: isIP(host) === 0 ? host : '' };
      while (spares.length < count) {
        const socket = connect({ ...httpsAgent.options, ...target, ...trust() });
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

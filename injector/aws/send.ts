/** Sends the requests of a run to AWS: through the proxy if the configuration has one for the host. */
import type { InjectorConfig } from '../contract/config.ts';
import { type Answer, exchange, portOf, type Question } from './exchange.ts';
import type { Trust } from './trust.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 2_000;

/** Makes one request, as {@link exchange} does. Without a proxy, the request is on its way when the function has returned its promise. */
export type Send = (request: Pick<Question, 'url' | 'method' | 'headers' | 'body'>) => Promise<Answer>;

/** Returns what sends requests, and trusts the servers that `trust` does. It opens no connection. */
export function createSend({ aws = {} }: Pick<InjectorConfig, 'aws'>, trust: Trust): Send {
  const { httpsProxy, noProxy = '' } = aws;
  const direct: Send = (request) => exchange({ ...request, trust, connectionTimeout: CONNECTION_TIMEOUT });
  if (httpsProxy === undefined) return direct;
  return async (request) => {
    const { bypassesProxy } = await import('./no-proxy.ts');
    const { url } = request;
    if (bypassesProxy(noProxy, { host: url.hostname, port: portOf(url) })) return direct(request);
    return exchange({ ...request, trust, proxy: httpsProxy, connectionTimeout: CONNECTION_TIMEOUT });
  };
}

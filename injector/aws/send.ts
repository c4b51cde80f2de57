/** Sends the requests of a run to AWS: through the proxy if the configuration has one for the host. */
import type { InjectorConfig } from '../contract/config.ts';
import { type Answer, exchange, portOf, type Question } from './exchange.ts';
import { bypassesProxy } from './no-proxy.ts';
import type { Trust } from './trust.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 2_000;

/** Makes one request, as {@link exchange} does. The request is on its way when the function has returned its promise. */
export type Send = (request: Pick<Question, 'url' | 'method' | 'headers' | 'body'>) => Promise<Answer>;

/** Returns what sends requests, and trusts the servers that `trust` does. It opens no connection. */
export function createSend({ aws = {} }: Pick<InjectorConfig, 'aws'>, trust: Trust): Send {
  const { httpsProxy, noProxy = '' } = aws;
  return (request) => {
    const { url } = request;
    const to = { host: url.hostname, port: portOf(url) };
    const proxy = httpsProxy === undefined || bypassesProxy(noProxy, to) ? undefined : httpsProxy;
    return exchange({ ...request, trust, proxy, connectionTimeout: CONNECTION_TIMEOUT });
  };
}

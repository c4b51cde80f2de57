/** Makes the requests to one service in one region, with explicit settings: it reads no environment and no file of the machine. */
import manifest from '../../package.json' with { type: 'json' };
import type { InjectorConfig } from '../contract/config.ts';
import type { Answer } from './answer.ts';
import type { Trust } from './connect.ts';
import { type Connections, createConnections } from './connections.ts';
import { type EndpointName, endpointOf } from './endpoint.ts';
import { type Credentials, sign } from './sign.ts';

/** CloudTrail shows it. */
const USER_AGENT = `${manifest.name}/${manifest.version}`;

/** The clock is corrected by the server's if they differ by more than so many milliseconds, as AWS takes five minutes. */
const SKEW_LIMIT = 4 * 60_000;

/** Says where the requests of a region go, and with which credentials. */
export type Target = {
  readonly config: Pick<InjectorConfig, 'aws' | 'region'>;
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly trust: Trust;
};

type Post = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limit: number;
  readonly isSigned: boolean;
};

/** Rejects with an error of the connection. Whether the answer is an error is for the caller to see. */
export type Requests = Pick<Connections, 'open' | 'close'> & { post(request: Post): Promise<Answer> };

/** Creates the requests to a service, and makes none yet. Calls `onConnected` after each TLS handshake. */
export function createRequests(service: EndpointName, target: Target, onConnected?: () => void): Requests {
  const { config, region, credentials, trust } = target;
  const endpoint = endpointOf(service, target);
  const { httpsProxy, noProxy = '' } = config.aws ?? {};
  const proxy = httpsProxy === undefined ? undefined : { url: httpsProxy, noProxy };
  const { ask, open, close } = createConnections({ endpoint, proxy, trust, onConnected });
  const path = `${endpoint.pathname.replace(/\/$/, '')}/`;
  /** The milliseconds by which the clock of AWS is ahead of ours. */
  let skew = 0;
  return {
    open,
    close,
    post: async ({ headers: own, body, limit, isSigned }) => {
      const headers = { host: endpoint.host, 'user-agent': USER_AGENT, ...own };
      const sent = Date.now();
      const scope = async () => ({ credentials: await credentials(), region, service, now: sent + skew });
      const signed = isSigned ? sign({ path, headers, body }, await scope()) : headers;
      const answer = await ask({ method: 'POST', path, headers: signed, body, limit });
      const ahead = Date.parse(answer.headers.get('date') ?? '') - sent;
      if (answer.status >= 400 && Number.isFinite(ahead)) skew = Math.abs(ahead) > SKEW_LIMIT ? ahead : 0;
      return answer;
    },
  };
}

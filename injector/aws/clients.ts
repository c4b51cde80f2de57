/** Creates the SDK's clients with explicit settings: no environment, no shared configuration, no default credentials chain. */
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, RetryStrategyV2 } from '@smithy/types';
import type { InjectorConfig } from '../contract/config.ts';
import type { ServiceName } from '../contract/services.ts';
import type { Redactor } from '../redactor.ts';
import { type Secret, secretIn } from '../secret.ts';
import { type AnswerLimit, type Limitable, limitAnswers, REST } from './answer.ts';
import { type Connections, createConnections, type HttpProxy, type Trust } from './connections.ts';
import { type EndpointName, type EndpointRules, endpointOf, endpointVariants, ownEndpoint } from './endpoint.ts';
import { bypassesProxy } from './no-proxy.ts';

/** Both time-outs are in milliseconds. */
const CONNECTION_TIMEOUT = 2_000;
const REQUEST_TIMEOUT = 5_000;

/**
 * So many requests may be in flight in one region over all services, and so there are at most that many connections to each
 * service. Measured: fifty secrets take 163 ms with 32 of them, and 260 ms with 8, for the same CPU time.
 */
export const CONCURRENCY = 32;

/** Makes each send of the SDK one try. retry.ts decides about the next one, as it knows both regions of a pair. */
const ONCE: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
  refreshRetryTokenForRetry: async (_, { error }) => {
    throw error;
  },
  recordSuccess: () => {},
};

/** Says how the client of a service is created. */
export type ClientKind<Client> = {
  readonly service: ServiceName;
  readonly create: (settings: ClientSettings) => Client;
  readonly answerLimit: AnswerLimit;
};

/** Has the members of the SDK's clients that are used here. */
type AwsClient = Limitable & {
  readonly config: { readonly endpointProvider: EndpointRules };
  destroy(): void;
};

/** Holds the clients of one region. */
export type Clients = {
  /** Returns the client of a service, which is created by the first call. */
  get<Client extends AwsClient>(kind: ClientKind<Client>): Client;
  /** Opens connections to a service for that many requests, {@link CONCURRENCY} at most. */
  connect<Client extends AwsClient>(kind: ClientKind<Client>, requests: number): void;
  /**
   * Returns the value in an answer, with its version, and gives it to the redactor. Returns undefined if there is no text and
   * no bytes.
   */
  valueIn(value: unknown, version: string | number | undefined): Secret | undefined;
  destroy(): void;
};

/** Says where the requests of a region go, and with which credentials. */
export type Target = {
  readonly config: InjectorConfig;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly trust: Trust;
};

/**
 * Creates the STS client. AssumeRoleWithWebIdentity is not signed; AssumeRole is signed with the credentials of the target.
 * Calls `onConnected` after the first TLS handshake.
 */
export function createStsClient(target: Target, onConnected: () => void): STSClient {
  const connections = connectionsOf('sts', target, onConnected);
  return limitAnswers(new STSClient(settings('sts', target, connections)), () => REST);
}

/** Creates the clients of one region, without a connection. The redactor is given every value. */
export function createClients(target: Target, redactor: Pick<Redactor, 'addValue'>): Clients {
  const created = new Map<ServiceName, { readonly client: AwsClient; readonly connections: Connections }>();
  let destroyed = false;
  const create = <Client extends AwsClient>({ service, create, answerLimit }: ClientKind<Client>) => {
    const connections = connectionsOf(service, target);
    const client = limitAnswers(create(settings(service, target, connections)), answerLimit);
    created.set(service, { client, connections });
    return { client, connections };
  };
  return {
    // Each service has one kind of client.
    get: <Client extends AwsClient>(kind: ClientKind<Client>) =>
      (created.get(kind.service) ?? create(kind)).client as Client,
    connect: (kind, requests) => {
      if (destroyed) return;
      const { client, connections } = created.get(kind.service) ?? create(kind);
      const endpoint = endpointOf(kind.service, target, client.config.endpointProvider);
      connections.open(endpoint, Math.min(requests, CONCURRENCY));
    },
    valueIn: (value, version) => {
      const secret = secretIn(value, { region: target.region, version: version?.toString() });
      if (secret !== undefined) redactor.addValue(secret);
      return secret;
    },
    destroy: () => {
      destroyed = true;
      for (const { client, connections } of created.values()) {
        connections.close();
        client.destroy();
      }
    },
  };
}

type ClientSettings = ReturnType<typeof settings>;

function settings(service: EndpointName, target: Target, { agents }: Connections) {
  const { region, credentials } = target;
  const endpoint = ownEndpoint(service, target);
  return {
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...endpointVariants(target, endpoint),
    defaultsMode: 'standard' as const,
    cacheMiddleware: true,
    retryStrategy: ONCE,
    userAgentAppId: 'aws-secrets-injector',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      // `requestTimeout` ends with the headers of the answer; `socketTimeout` ends an answer that stops half-way.
      socketTimeout: REQUEST_TIMEOUT,
      ...agents,
    },
  };
}

function connectionsOf(service: EndpointName, target: Target, onConnected?: () => void): Connections {
  return createConnections({
    agent: { keepAlive: true, maxSockets: CONCURRENCY },
    proxy: proxyOf(ownEndpoint(service, target), target),
    trust: target.trust,
    ...(onConnected === undefined ? {} : { onConnected }),
  });
}

/** Returns the proxy on the way to the endpoint, or to AWS's own names; undefined where there is none. */
function proxyOf(endpoint: string | undefined, { config: { aws = {} } }: Target): HttpProxy | undefined {
  const { httpsProxy: url, noProxy = '' } = aws;
  if (url === undefined) return undefined;
  if (endpoint === undefined) return { url, noProxy };
  const { protocol, hostname: host, port } = new URL(endpoint);
  const target = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  return bypassesProxy(noProxy, target) ? undefined : { url, noProxy };
}

/** The SDK's clients, everything explicit: no environment, no shared configuration, no default credentials chain. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, RetryStrategyV2 } from '@smithy/types';
import type { InjectorConfig } from '../contract/config.ts';
import type { Demand } from '../plan/demand.ts';
import type { Redactor } from '../redactor.ts';
import { type Secret, secretIn } from '../secret.ts';
import { limitAnswers } from './answer.ts';
import { type Connections, createConnections, type HttpProxy, type Trust } from './connections.ts';
import { bypassesProxy } from './no-proxy.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 2_000;
const REQUEST_TIMEOUT = 5_000;

/** Requests in flight in a region, over both services, and so connections to each. */
export const CONCURRENCY = 32;

/** Each send is one try: when to try again is decided over both regions. */
const ONCE: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
  refreshRetryTokenForRetry: async (_, { error }) => {
    throw error;
  },
  recordSuccess: () => {},
};

/** Of one region. Each is made when it is first needed. */
export type Clients = {
  secrets(): SecretsManagerClient;
  parameters(): Promise<SSMClient>;
  /** Makes what the demand needs, and opens connections for it. */
  prepare(demand: Demand): Promise<void>;
  /** Returns what an answer has as a value, which nothing prints from then on; undefined where it is none. */
  valueIn(value: unknown): Secret | undefined;
  destroy(): void;
};

/** A service of AWS, by the first part of its host names. */
export type Service = 'sts' | 'secretsmanager' | 'ssm';

/** Where requests go, and who makes them. */
export type Place = {
  readonly config: InjectorConfig;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly trust: Trust;
};

/** For the role of a web identity, which is not signed, and for a role after it, which is. `onConnected`: it is. */
export function createStsClient(place: Place, onConnected: () => void): STSClient {
  return limitAnswers(new STSClient(settings('sts', place, connectionsOf('sts', place, onConnected))));
}

/** Returns the clients for reading. The redactor learns every value. */
export function createClients(place: Place, redactor: Pick<Redactor, 'addValue'>): Clients {
  const ways = { secrets: connectionsOf('secretsmanager', place), parameters: connectionsOf('ssm', place) };
  let secretsManager: SecretsManagerClient | undefined;
  let parameterStore: Promise<SSMClient> | undefined;
  const secrets = () => {
    secretsManager ??= limitAnswers(new SecretsManagerClient(settings('secretsmanager', place, ways.secrets)));
    return secretsManager;
  };
  const parameters = () => {
    parameterStore ??= import('./parameter-store.ts').then(({ SSMClient }) =>
      limitAnswers(new SSMClient(settings('ssm', place, ways.parameters))),
    );
    return parameterStore;
  };
  return {
    secrets,
    parameters,
    prepare: async (demand) => {
      if (demand.secrets > 0) {
        const { config } = secrets();
        ways.secrets.open(
          endpointOf('secretsmanager', place, config.endpointProvider),
          Math.min(demand.secrets, CONCURRENCY),
        );
      }
      if (demand.parameters > 0) {
        const { config } = await parameters();
        ways.parameters.open(
          endpointOf('ssm', place, config.endpointProvider),
          Math.min(demand.parameters, CONCURRENCY),
        );
      }
    },
    valueIn: (value) => {
      const secret = secretIn(value);
      if (secret !== undefined) redactor.addValue(secret);
      return secret;
    },
    destroy: () => {
      for (const way of Object.values(ways)) way.close();
      secretsManager?.destroy();
      void parameterStore?.then((client) => client.destroy());
    },
  };
}

function settings(service: Service, place: Place, { agents }: Connections) {
  const { region, credentials } = place;
  const endpoint = ownEndpoint(service, place);
  return {
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...variants(place, endpoint),
    defaultsMode: 'standard' as const,
    cacheMiddleware: true,
    retryStrategy: ONCE,
    userAgentAppId: 'aws-secrets-injector',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      // The one before ends with the answer's headers; this one ends an answer that stops half-way.
      socketTimeout: REQUEST_TIMEOUT,
      ...agents,
    },
  };
}

/** Returns the configured endpoint of the service: a VPC endpoint is one of its region, an emulator is all of AWS. */
export function ownEndpoint(
  service: Service,
  { config, region }: { readonly config: Pick<InjectorConfig, 'aws' | 'region'>; readonly region: string },
): string | undefined {
  const { aws = {} } = config;
  return (region === (aws.region ?? config.region) ? aws.endpoints?.[service] : undefined) ?? aws.endpointUrl;
}

/** The SDK refuses an endpoint of one's own together with these two, which only choose among AWS's. */
function variants({ config: { aws } }: Place, endpoint: string | undefined) {
  const own = endpoint !== undefined;
  return {
    useFipsEndpoint: !own && aws?.useFipsEndpoint === true,
    useDualstackEndpoint: !own && aws?.useDualstackEndpoint === true,
  };
}

type Rules = (parameters: { Region: string; UseFIPS: boolean; UseDualStack: boolean }) => { readonly url: URL };

/** Where the SDK's own rules send requests. */
function endpointOf(service: Service, place: Place, rules: Rules): URL {
  const own = ownEndpoint(service, place);
  if (own !== undefined) return new URL(own);
  const { useFipsEndpoint, useDualstackEndpoint } = variants(place, own);
  return rules({ Region: place.region, UseFIPS: useFipsEndpoint, UseDualStack: useDualstackEndpoint }).url;
}

function connectionsOf(service: Service, place: Place, onConnected?: () => void): Connections {
  return createConnections({
    agent: { keepAlive: true, maxSockets: CONCURRENCY },
    proxy: proxyOf(ownEndpoint(service, place), place),
    trust: place.trust,
    ...(onConnected === undefined ? {} : { onConnected }),
  });
}

/** Returns the proxy on the way to the endpoint, or to AWS's own names; undefined where there is none. */
function proxyOf(endpoint: string | undefined, { config: { aws = {} } }: Place): HttpProxy | undefined {
  const { httpsProxy: url, noProxy = '' } = aws;
  if (url === undefined) return undefined;
  if (endpoint === undefined) return { url, noProxy };
  const { protocol, hostname: host, port } = new URL(endpoint);
  const target = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  return bypassesProxy(noProxy, target) ? undefined : { url, noProxy };
}

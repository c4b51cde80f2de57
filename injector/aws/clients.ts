/** The SDK's clients, everything explicit: no environment, no shared configuration, no default credentials chain. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import tls from 'node:tls';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, FinalizeHandler, RetryStrategyV2 } from '@smithy/types';
import type { InjectorConfig } from '../config.ts';
import { named } from './error.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 2_000;
const REQUEST_TIMEOUT = 5_000;

/** For a whole answer, however slowly it comes: the time-outs of the SDK see only its beginning, and silence. */
const ANSWER_TIMEOUT = 2 * REQUEST_TIMEOUT;

const CONNECTIONS = 16;

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
  parameters(): SSMClient;
  destroy(): void;
};

type Service = 'sts' | 'secretsmanager' | 'ssm';

type Credentials = AwsCredentialIdentity | (() => Promise<AwsCredentialIdentity>);

/** For the role of a web identity, which is not signed, and for a role after it, which is. */
export function createStsClient(config: InjectorConfig, region: string, credentials: Credentials): STSClient {
  const client = new STSClient({ ...settings(config, 'sts', region), credentials });
  client.middlewareStack.add(bounded, BOUNDED);
  return client;
}

/** For reading. */
export function createClients(config: InjectorConfig, region: string, credentials: AwsCredentialIdentity): Clients {
  let secrets: SecretsManagerClient | undefined;
  let parameters: SSMClient | undefined;
  return {
    secrets: () => {
      if (secrets === undefined) {
        secrets = new SecretsManagerClient({ ...settings(config, 'secretsmanager', region), credentials });
        secrets.middlewareStack.add(bounded, BOUNDED);
      }
      return secrets;
    },
    parameters: () => {
      if (parameters === undefined) {
        parameters = new SSMClient({ ...settings(config, 'ssm', region), credentials });
        parameters.middlewareStack.add(bounded, BOUNDED);
      }
      return parameters;
    },
    destroy: () => {
      secrets?.destroy();
      parameters?.destroy();
    },
  };
}

const BOUNDED = { step: 'finalizeRequest', priority: 'low', name: 'boundAnswer' } as const;

/** Gives up an answer that drips. What is left of the request ends with the client. */
function bounded<Input extends object, Output extends object>(
  next: FinalizeHandler<Input, Output>,
): FinalizeHandler<Input, Output> {
  return (args) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(named('TimeoutError')), ANSWER_TIMEOUT);
    return Promise.race([next(args), promise]).finally(() => clearTimeout(timer));
  };
}

function settings(config: InjectorConfig, service: Service, region: string) {
  const aws = config.aws ?? {};
  // A VPC endpoint is one of its region, an emulator is all of AWS.
  const endpoint = (region === (aws.region ?? config.region) ? aws.endpoints?.[service] : undefined) ?? aws.endpointUrl;
  // The SDK refuses an endpoint of one's own together with these two, which only choose among AWS's.
  const own = endpoint !== undefined;
  return {
    region,
    ...(own ? { endpoint } : {}),
    useFipsEndpoint: !own && aws.useFipsEndpoint === true,
    useDualstackEndpoint: !own && aws.useDualstackEndpoint === true,
    defaultsMode: 'standard' as const,
    retryStrategy: ONCE,
    userAgentAppId: 'aws-secrets-injector',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      // The one before ends with the answer's headers; this one ends an answer that stops half-way.
      socketTimeout: REQUEST_TIMEOUT,
      ...agents(aws),
    },
  };
}

function agents(aws: NonNullable<InjectorConfig['aws']>) {
  const options = { keepAlive: true, maxSockets: CONNECTIONS, proxyEnv: proxyEnv(aws) };
  const ca = aws.caBundle === undefined ? {} : { ca: [...tls.rootCertificates, aws.caBundle] };
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent({ ...options, ...ca }) };
}

/** The names are those of environment variables; the values are ours alone. */
function proxyEnv({ httpsProxy, noProxy }: NonNullable<InjectorConfig['aws']>): Record<string, string> {
  if (httpsProxy === undefined) return {};
  return { HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpsProxy, NO_PROXY: noProxy ?? '' };
}

/** The SDK's clients, everything explicit: no environment, no shared configuration, no default credentials chain. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import tls from 'node:tls';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, RetryStrategyV2 } from '@smithy/types';
import type { InjectorConfig } from './config.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 2_000;
const REQUEST_TIMEOUT = 5_000;

const CONNECTIONS = 16;

export type Clients = { readonly secrets: SecretsManagerClient; readonly parameters: SSMClient };

type Service = 'sts' | 'secretsmanager' | 'ssm';

/** For AssumeRoleWithWebIdentity, which is not signed. The caller does its own tries, with a token read for each. */
export function createStsClient(config: InjectorConfig): STSClient {
  return new STSClient({
    ...settings(config, 'sts'),
    credentials: () => Promise.reject(new Error('STS is called with a web identity, not with credentials')),
    maxAttempts: 1,
  });
}

/** For reading, as the assumed role. */
export function createClients(
  config: InjectorConfig,
  credentials: AwsCredentialIdentity,
  retryStrategy: RetryStrategyV2,
): Clients {
  return {
    secrets: new SecretsManagerClient({ ...settings(config, 'secretsmanager'), credentials, retryStrategy }),
    parameters: new SSMClient({ ...settings(config, 'ssm'), credentials, retryStrategy }),
  };
}

function settings(config: InjectorConfig, service: Service) {
  const aws = config.aws ?? {};
  const endpoint = aws.endpoints?.[service] ?? aws.endpointUrl;
  // The SDK refuses an endpoint of one's own together with these two, which only choose among AWS's.
  const own = endpoint !== undefined;
  return {
    region: config.region,
    ...(own ? { endpoint } : {}),
    useFipsEndpoint: !own && aws.useFipsEndpoint === true,
    useDualstackEndpoint: !own && aws.useDualstackEndpoint === true,
    defaultsMode: 'standard' as const,
    userAgentAppId: 'aws-secrets-injector',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
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

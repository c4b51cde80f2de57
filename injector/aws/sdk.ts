/** Has the SDK's clients read answers that are errors. It is loaded only for such an answer. */
import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  DescribeParametersCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { RetryStrategyV2 } from '@smithy/types';
import type { Operations } from './operations.ts';

/** Makes each send of the SDK one try. retry.ts decides about the next one, as it knows both regions of a pair. */
const ONCE: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
  refreshRetryTokenForRetry: async (_, { error }) => {
    throw error;
  },
  recordSuccess: () => {},
};

/** Is an answer of AWS in the names of the SDK. */
type SdkAnswer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

type Settings = ReturnType<typeof settingsFor>;

type Readers = {
  readonly [Name in keyof Operations]: (settings: Settings, input: Operations[Name][0]) => Promise<Operations[Name][1]>;
};

const READERS: Readers = {
  BatchGetSecretValue: (settings, input) =>
    new SecretsManagerClient(settings).send(new BatchGetSecretValueCommand(input)),
  DescribeParameters: (settings, input) => new SSMClient(settings).send(new DescribeParametersCommand(input)),
  GetParameters: (settings, input) => new SSMClient(settings).send(new GetParametersCommand(input)),
  GetParametersByPath: (settings, input) => new SSMClient(settings).send(new GetParametersByPathCommand(input)),
  GetSecretValue: (settings, input) => new SecretsManagerClient(settings).send(new GetSecretValueCommand(input)),
  ListSecrets: (settings, input) => new SecretsManagerClient(settings).send(new ListSecretsCommand(input)),
};

/** Returns what the SDK reads in the answer, or rejects with its error. The SDK sends nothing: it is only given the answer. */
export function readAnswer<Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name][0],
  answer: SdkAnswer,
): Promise<Operations[Name][1]> {
  return READERS[operation](settingsFor(answer), input);
}

/** Returns the settings of a client that gets this answer. What it would sign is sent nowhere. */
function settingsFor(response: SdkAnswer) {
  return {
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    authSchemePreference: [],
    ignoreConfiguredEndpointUrls: true,
    disableClockSkewCorrection: false,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    defaultsMode: 'standard' as const,
    userAgentAppId: 'aws-secrets-injector',
    retryStrategy: ONCE,
    requestHandler: {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async () => ({ response }),
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
    },
  };
}

/** Creates the SDK's clients with explicit settings: no environment, no shared configuration, no default credentials chain. */
import type { AwsCredentialIdentity, HttpRequest, RetryStrategyV2 } from '@smithy/types';
import type { InjectorConfig } from '../contract/config.ts';
import type { ServiceName } from '../contract/services.ts';
import type { Redactor } from '../redactor.ts';
import { type Secret, secretIn } from '../secret.ts';
import { type AnswerLimit, type Limitable, limitAnswers } from './answer.ts';
import { type EndpointName, endpointVariants, ownEndpoint } from './endpoint.ts';
import { createSend } from './send.ts';
import type { Trust } from './trust.ts';

/**
 * So many requests may be in flight in one region over all services, and so there are at most that many connections. Measured:
 * fifty secrets take 163 ms with 32 of them, and 260 ms with 8, for the same CPU time.
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

/** Holds the clients of one region. */
export type Clients = {
  /** Returns the client of a service, which is created by the first call. */
  get<Client extends Limitable>(kind: ClientKind<Client>): Client;
  /**
   * Returns the value in an answer, with its version, and gives it to the redactor. Returns undefined if there is no text and
   * no bytes.
   */
  valueIn(value: unknown, version: string | number | undefined): Secret | undefined;
};

/** Says where the requests of a region go, and with which credentials. */
export type Target = {
  readonly config: InjectorConfig;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly trust: Trust;
};

/** Creates the clients of one region, without a connection. The redactor is given every value. */
export function createClients(target: Target, redactor: Pick<Redactor, 'addValue'>): Clients {
  const created = new Map<ServiceName, Limitable>();
  const create = <Client extends Limitable>({ service, create, answerLimit }: ClientKind<Client>) => {
    const client = limitAnswers(create(settings(service, target)), answerLimit);
    created.set(service, client);
    return client;
  };
  return {
    // Each service has one kind of client.
    get: <Client extends Limitable>(kind: ClientKind<Client>) => (created.get(kind.service) ?? create(kind)) as Client,
    valueIn: (value, version) => {
      const secret = secretIn(value, { region: target.region, version: version?.toString() });
      if (secret !== undefined) redactor.addValue(secret);
      return secret;
    },
  };
}

type ClientSettings = ReturnType<typeof settings>;

/**
 * Returns the settings of the client of a service. Whatever has a default of the SDK that would be looked up in the environment
 * or in a file of the SDK's configuration is named here: the first requests of a client would wait until the file is read, all
 * of them at the same step.
 */
export function settings(service: EndpointName, target: Target) {
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
    maxAttempts: 3,
    authSchemePreference: [],
    ignoreConfiguredEndpointUrls: true,
    disableClockSkewCorrection: false,
    requestHandler: createHandler(target),
  };
}

/** Creates what sends the requests of a client. Its answers are those of {@link createSend}, in the names of the SDK. */
function createHandler({ config, trust }: Target) {
  const send = createSend(config, trust);
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async ({ protocol, hostname, port, path, method, headers, body }: HttpRequest) => {
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
      const { status: statusCode, ...answer } = await send({ url, method, headers, body });
      return { response: { statusCode, ...answer } };
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
}

/** Creates the clients of Secrets Manager and Parameter Store. */
import type { ServiceName } from '../contract/services.ts';
import type { Redactor } from '../redactor.ts';
import { type Secret, secretIn } from '../secret.ts';
import { type Fields, readJson } from './protocol.ts';
import { createRequests, type Requests, type Target } from './requests.ts';

/**
 * So many requests may be in flight in one region over all services, and so there are at most that many connections to each
 * service. Measured: fifty secrets take 163 ms with 32 of them, and 260 ms with 8, for the same CPU time.
 */
export const CONCURRENCY = 32;

/** Names the operations of each service in the header X-Amz-Target. */
const TARGETS: Readonly<Record<ServiceName, string>> = { secretsmanager: 'secretsmanager', ssm: 'AmazonSSM' };

/** Describes a request to a service. */
type Call = {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
  /** The most bytes that the answer may have. */
  readonly limit: number;
};

/** Holds the clients of one region. */
export type Clients = {
  /**
   * Makes one request and returns the members of the answer, of which nothing is checked. Rejects with a ServiceError, with
   * UnreadableAnswer, or with an error of the connection.
   */
  send(call: Call): Promise<Fields>;
  /** Opens connections to a service for that many requests, {@link CONCURRENCY} at most. */
  connect(service: ServiceName, requests: number): void;
  /**
   * Returns the value in an answer, with its version, and gives it to the redactor. Returns undefined if there is no text and
   * no bytes.
   */
  valueIn(value: unknown, version: unknown): Secret | undefined;
  destroy(): void;
};

/** Creates the clients of one region, without a connection. The redactor is given every value. */
export function createClients(target: Target, redactor: Pick<Redactor, 'addValue'>): Clients {
  const services = new Map<ServiceName, Requests>();
  let isDestroyed = false;
  const requestsTo = (service: ServiceName): Requests => {
    const requests = services.get(service) ?? createRequests(service, target);
    services.set(service, requests);
    return requests;
  };
  return {
    send: async ({ service, operation, input, limit }) => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${TARGETS[service]}.${operation}`,
      };
      return readJson(await requestsTo(service).post({ headers, body: JSON.stringify(input), limit, isSigned: true }));
    },
    connect: (service, requests) => {
      if (!isDestroyed) requestsTo(service).open(Math.min(requests, CONCURRENCY));
    },
    valueIn: (value, version) => {
      const origin = { region: target.region, version: versionText(version) };
      const secret = secretIn(value, origin);
      if (secret !== undefined) redactor.addValue(secret);
      return secret;
    },
    destroy: () => {
      isDestroyed = true;
      for (const requests of services.values()) requests.close();
    },
  };
}

function versionText(version: unknown): string | undefined {
  return typeof version === 'string' || typeof version === 'number' ? `${version}` : undefined;
}

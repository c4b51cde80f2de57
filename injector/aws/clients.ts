/** Asks a region, with explicit settings: no environment, no shared configuration, no default credentials chain. */
import type { Redactor } from '../redactor.ts';
import { Secret } from '../secret.ts';
import type { Target } from './endpoint.ts';
import type { AskAws } from './request.ts';

/**
 * So many requests may be in flight in one region over all services, and so there are at most that many connections. Measured
 * beside a server on the same two processors: fifty secrets take 170 ms with 32 of them, and 240 ms with 8, for the same CPU time.
 */
export const CONCURRENCY = 32;

/** Asks the services of one region. */
export type Clients = {
  /** Loads what makes requests, which takes some milliseconds, before there is one. */
  prepare(): Promise<void>;
  readonly ask: AskAws;
  /** Returns the value in an answer, with its version, and gives it to the redactor. Returns undefined if the answer has none. */
  valueIn(value: string | Uint8Array | undefined, version: string | number | undefined): Secret | undefined;
};

/** Creates the clients of one region, without a connection. The redactor is given every value. */
export function createClients(target: Target, redactor: Pick<Redactor, 'addValue'>): Clients {
  let loading: Promise<AskAws> | undefined;
  const load = () => {
    loading ??= import('./request.ts').then(({ createAsk }) => createAsk(target));
    return loading;
  };
  return {
    prepare: async () => void (await load()),
    ask: async (...question) => (await load())(...question),
    valueIn: (value, version) => {
      if (value === undefined) return undefined;
      const secret = new Secret(value, { region: target.region, version: version?.toString() });
      redactor.addValue(secret);
      return secret;
    },
  };
}

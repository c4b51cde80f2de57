/** The way into each region: credentials once, then clients. A region that nobody asks about costs nothing. */
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { InjectorConfig } from '../config.ts';
import type { Demand } from '../plan/demand.ts';
import type { Redactor } from '../redactor.ts';
import { type Clients, createClients, createStsClient } from './clients.ts';
import { assumeRole, assumeWithWebIdentity, readToken, sessionName } from './credentials.ts';
import { RegionError, type Step } from './error.ts';
import { fetchFromAgent } from './pod-identity.ts';
import { type Clock, createFewRetries, createRetries, retrying } from './retry.ts';
import { trustOf } from './trust.ts';

export type AccessOptions = {
  readonly config: InjectorConfig;
  readonly root: string;
  readonly podName: string;
  readonly clock: Clock;
  /** In the clock's milliseconds. */
  readonly deadline: number;
  /** What a region will be asked first: made ready while its credentials come. */
  readonly demand: (region: string) => Demand;
  /** Learns the tokens, the credentials and the values. */
  readonly redactor: Redactor;
  /** Hears of every failed try. */
  readonly onFailure: (error: RegionError) => void;
};

/** Both reject with a {@link RegionError}, all who wait for one region with the same. */
export type Access = {
  /** Tried by the usual rules. */
  patiently(region: string): Promise<Clients>;
  /** A few tries: what failed is not tried again for a moment, however many ask. */
  briefly(region: string): Promise<Clients>;
  close(): void;
};

type Entry = {
  clients?: Clients;
  attempt?: Promise<Clients>;
  patient?: Promise<Clients>;
  brief?: Promise<Clients>;
  /** When the outcome of `brief` no longer counts. */
  staleAt: number;
};

/** Milliseconds. */
const MOMENT = 1_000;

/** Opens regions on demand. */
export function createAccess(options: AccessOptions): Access {
  const { clock, deadline } = options;
  const entries = new Map<string, Entry>();
  const entryOf = (region: string): Entry => {
    const entry = entries.get(region) ?? { staleAt: Number.POSITIVE_INFINITY };
    entries.set(region, entry);
    return entry;
  };
  const open = createOpener(options);
  const attempt = (region: string, entry: Entry): Promise<Clients> => {
    entry.attempt ??= open(region)
      .then((clients) => {
        entry.clients = clients;
        return clients;
      })
      .finally(() => {
        delete entry.attempt;
      });
    return entry.attempt;
  };
  return {
    patiently: (region) => {
      const entry = entryOf(region);
      entry.patient ??= retrying(createRetries(clock, deadline), async () => entry.clients ?? attempt(region, entry));
      return entry.patient;
    },
    briefly: async (region) => {
      const entry = entryOf(region);
      if (entry.clients !== undefined) return entry.clients;
      if (entry.brief === undefined || clock.now() >= entry.staleAt) {
        entry.staleAt = Number.POSITIVE_INFINITY;
        entry.brief = retrying(createFewRetries(clock, deadline), () => attempt(region, entry)).finally(() => {
          entry.staleAt = clock.now() + MOMENT;
        });
      }
      return entry.brief;
    },
    close: () => {
      for (const { clients } of entries.values()) clients?.destroy();
    },
  };
}

type Attempt<Result> = { readonly region: string; readonly step: Step; readonly run: () => Promise<Result> };

/** One try at a region's credentials. Those of the agent are the same for all regions and asked for once. */
function createOpener({
  config,
  root,
  podName,
  demand,
  redactor,
  onFailure,
}: AccessOptions): (region: string) => Promise<Clients> {
  const { identity, assume, namespace } = config;
  const session = sessionName(namespace, podName);
  const token = async () => {
    const text = await readToken(join(root, identity.tokenFile));
    redactor.addCredential(text);
    return text;
  };
  const learn = (credentials: AwsCredentialIdentity) => {
    redactor.addCredential(credentials.secretAccessKey);
    redactor.addCredential(credentials.sessionToken ?? '');
    return credentials;
  };
  const trust = trustOf(config, root);
  let shared: Promise<AwsCredentialIdentity> | undefined;
  const told = <Result>({ region, step, run }: Attempt<Result>): Promise<Result> =>
    run().catch((cause) => {
      const error = new RegionError(region, step, cause);
      onFailure(error);
      throw error;
    });
  const fromAgent = (region: string, addresses: readonly string[]): Promise<AwsCredentialIdentity> => {
    shared ??= told({ region, step: 'pod-identity', run: () => fetchFromAgent(addresses, token, trust) }).catch(
      (error) => {
        shared = undefined;
        throw error;
      },
    );
    return shared;
  };
  const tried = new Set<string>();
  return async (region) => {
    let own: AwsCredentialIdentity | undefined;
    let last: AwsCredentialIdentity | undefined;
    const clients = createClients({ config, region, trust, credentials: () => given(last) }, redactor);
    const prepare = () => {
      // What fails here fails again with the requests, which tell.
      if (!tried.has(region)) clients.prepare(demand(region)).catch(() => {});
      tried.add(region);
    };
    const sts = createStsClient({ config, region, trust, credentials: () => given(own) }, prepare);
    try {
      const coming =
        identity.kind === 'pod-identity'
          ? fromAgent(region, identity.addresses)
          : told({
              region,
              step: 'web-identity',
              run: () => assumeWithWebIdentity(sts, { roleArn: identity.roleArn, sessionName: session, token }),
            });
      if (identity.kind === 'pod-identity') prepare();
      own = learn(await coming);
      last = own;
      if (assume === undefined) return clients;
      const { roleArn, externalId } = assume;
      const run = () => assumeRole(sts, { roleArn, sessionName: session, externalId });
      last = learn(await told({ region, step: 'assume', run }));
      return clients;
    } catch (error) {
      clients.destroy();
      throw error;
    } finally {
      sts.destroy();
    }
  };
}

async function given(credentials: AwsCredentialIdentity | undefined): Promise<AwsCredentialIdentity> {
  if (credentials === undefined) throw new Error('no credentials yet');
  return credentials;
}

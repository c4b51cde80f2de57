/** Gets the credentials and the clients of each region when it is first asked. */
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { InjectorConfig } from '../contract/config.ts';
import { assumedRoles } from '../contract/roles.ts';
import type { Redactor } from '../redactor.ts';
import { type Clients, createClients } from './clients.ts';
import { readToken, sessionName } from './credentials.ts';
import { endpointOf } from './endpoint.ts';
import { type About, RegionError, type Step } from './error.ts';
import { fetchFromAgent } from './pod-identity.ts';
import { type Clock, createFewRetries, createRetries, retrying } from './retry.ts';
import { createSend } from './send.ts';
import { trustOf } from './trust.ts';
import { assumeWithWebIdentity } from './web-identity.ts';

export type AccessOptions = {
  readonly config: InjectorConfig;
  readonly root: string;
  readonly podName: string;
  readonly clock: Clock;
  /** The time in the clock's milliseconds after which nothing is tried again. */
  readonly deadline: number;
  /** Prepares the first requests of a region. It is called once for each region, when the request for credentials is on its way. */
  readonly prepare: (clients: Clients) => Promise<void>;
  /** The redactor is given the tokens, the credentials and the values, so that no log shows them. */
  readonly redactor: Redactor;
  /** The access calls this with the error of every failed try. */
  readonly onFailure: (error: RegionError) => void;
};

/** Both functions return the clients of a region, or reject with a {@link RegionError}: the same one for all that wait. */
export type Access = {
  /** Tries until the deadline of the run. */
  untilDeadline(region: string): Promise<Clients>;
  /** Tries a few times. A failure is the result for everybody who asks within the next second. */
  fewTries(region: string): Promise<Clients>;
};

type Entry = {
  clients?: Clients;
  attempt?: Promise<Clients>;
  untilDeadline?: Promise<Clients>;
  fewTries?: Promise<Clients>;
  /** The time at which the result of `fewTries` is no longer used, in the clock's milliseconds. */
  staleAt: number;
};

/** A failure of `fewTries` is the result for everybody for so many milliseconds. */
const FAILURE_LIFETIME = 1_000;

/** Creates the access of one run. It opens no connection before a region is asked. */
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
    untilDeadline: (region) => {
      const entry = entryOf(region);
      entry.untilDeadline ??= retrying(
        createRetries(clock, deadline),
        async () => entry.clients ?? attempt(region, entry),
      );
      return entry.untilDeadline;
    },
    fewTries: async (region) => {
      const entry = entryOf(region);
      if (entry.clients !== undefined) return entry.clients;
      if (entry.fewTries === undefined || clock.now() >= entry.staleAt) {
        entry.staleAt = Number.POSITIVE_INFINITY;
        entry.fewTries = retrying(createFewRetries(clock, deadline), () => attempt(region, entry)).finally(() => {
          entry.staleAt = clock.now() + FAILURE_LIFETIME;
        });
      }
      return entry.fewTries;
    },
  };
}

type Attempt<Result> = {
  readonly region: string;
  readonly step: Step;
  readonly about?: About;
  readonly run: () => Promise<Result>;
};

/**
 * Returns a function that makes one try to get the credentials of a region: those of the pod's own role, and then those of each
 * role that is assumed after it. A try begins with the pod's own role, so that no session of an earlier try is used that may have
 * ended meanwhile. The credentials of the EKS Pod Identity agent are the same in all regions and fetched once.
 */
function createOpener({
  config,
  root,
  podName,
  prepare: prepareRegion,
  redactor,
  onFailure,
}: AccessOptions): (region: string) => Promise<Clients> {
  const { identity, namespace } = config;
  const roles = assumedRoles(config.assume);
  const session = sessionName(namespace, podName);
  const token = async () => {
    const text = await readToken(join(root, identity.tokenFile));
    redactor.addCredential(text);
    return text;
  };
  const redacted = (credentials: AwsCredentialIdentity) => {
    redactor.addCredential(credentials.secretAccessKey);
    redactor.addCredential(credentials.sessionToken ?? '');
    return credentials;
  };
  const trust = trustOf(config, root);
  const send = createSend(config, trust);
  let shared: Promise<AwsCredentialIdentity> | undefined;
  const reported = <Result>({ region, step, about, run }: Attempt<Result>): Promise<Result> =>
    run().catch((cause) => {
      const error = new RegionError(region, step, cause, about);
      onFailure(error);
      throw error;
    });
  const fromAgent = (region: string, addresses: readonly string[]): Promise<AwsCredentialIdentity> => {
    shared ??= reported({ region, step: 'pod-identity', run: () => fetchFromAgent(addresses, token, trust) }).catch(
      (error) => {
        shared = undefined;
        throw error;
      },
    );
    return shared;
  };
  const assumeAll = async (region: string, own: AwsCredentialIdentity) => {
    let last = own;
    for (const role of roles) {
      const credentials = last;
      const about = { action: 'sts:AssumeRole', name: role.roleArn };
      const run = async () => {
        const { assumeRole } = await loadAssume();
        const target = { config, region, trust, credentials: async () => credentials };
        return assumeRole(target, { ...role, sessionName: session });
      };
      last = redacted(await reported({ region, step: 'assume', about, run }));
    }
    return last;
  };
  const prepared = new Set<string>();
  return async (region) => {
    let last: AwsCredentialIdentity | undefined;
    const clients = createClients({ config, region, trust, credentials: () => present(last) }, redactor);
    const prepare = () => {
      // An error here comes again with the requests, and is reported then.
      if (!prepared.has(region))
        Promise.all([prepareRegion(clients), roles.length > 0 && loadAssume()]).catch(() => {});
      prepared.add(region);
    };
    const fromSts = (roleArn: string) =>
      assumeWithWebIdentity({
        url: endpointOf('sts', { config, region }),
        roleArn,
        sessionName: session,
        send,
        token,
        onSent: prepare,
      });
    const pending =
      identity.kind === 'pod-identity'
        ? fromAgent(region, identity.addresses)
        : reported({ region, step: 'web-identity', run: () => fromSts(identity.roleArn) });
    if (identity.kind === 'pod-identity') prepare();
    last = await assumeAll(region, redacted(await pending));
    return clients;
  };
}

/** Loads what signs a request for a role, which takes some milliseconds of CPU time. */
function loadAssume() {
  return import('./assume.ts');
}

async function present(credentials: AwsCredentialIdentity | undefined): Promise<AwsCredentialIdentity> {
  if (credentials === undefined) throw new Error('no credentials yet');
  return credentials;
}

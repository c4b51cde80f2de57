/**
 * An in-memory AWS that speaks the real wire protocols over HTTP or HTTPS: STS, Secrets Manager and Parameter Store, all
 * regions and services behind one URL. It is as strict as AWS where that matters to a client: signatures, web identity
 * tokens, trust and permissions are checked, and refused with AWS's own codes and words.
 *
 * @example
 * const aws = await startAws();
 * t.teardown(aws.close);
 * const issuer = createIssuer(); // from ./issuer.ts
 * aws.addIssuer(issuer);
 * aws.addRole({
 *   arn: 'arn:aws:iam::123456789012:role/app1',
 *   trust: [{ issuer: issuer.issuer, subjects: ['system:serviceaccount:shop:app1'] }],
 *   policy: [{ actions: ['secretsmanager:*', 'ssm:*'], resources: ['*'] }],
 * });
 * aws.setSecret({ name: 'app1/db', value: '{"password":"x"}' });
 * aws.setParameter({ name: '/app1/key', value: 'x', type: 'SecureString' });
 * const token = serviceAccountToken(issuer, { namespace: 'shop', serviceAccount: 'app1' });
 * // give the code under test: endpoint aws.url, region 'eu-west-1', the token in a file, the role's ARN
 * aws.fault({ service: 'ssm', effect: { kind: 'throttle' }, times: 3 });
 */

import type { Location, OptionalLocation } from './arn.ts';
import type { Call } from './call.ts';
import { createFaults, createLimiter, type Fault, type ServiceName } from './faults.ts';
import { handle, handleAgent, type Machine } from './handle.ts';
import type { IssuerInput } from './jwt.ts';
import { createIdentity } from './network/certificate.ts';
import { type Handler, type Listener, listen } from './network/listener.ts';
import { type ConnectProxy, startProxy } from './network/proxy.ts';
import { findSecret, putSecret, type SecretInput } from './secrets-manager/store.ts';
import { type ParameterInput, parameterArn, putParameter } from './ssm/store.ts';
import { type AssociationInput, addUser, createWorld, type RoleInput, type UserInput } from './world.ts';

/** @public */
export type { Call } from './call.ts';
/** @public */
export type { Fault, FaultEffect, ServiceName } from './faults.ts';
export type { Statement } from './iam/policy.ts';
/** @public */
export type { IssuerInput } from './jwt.ts';
/** @public */
export type { SecretInput } from './secrets-manager/store.ts';
/** @public */
export type { ParameterInput } from './ssm/store.ts';
/** @public */
export type { AssociationInput, RoleInput, UserInput } from './world.ts';

/** Default: 127.0.0.1 and any free port. */
type Address = { host?: string | undefined; port?: number | undefined };

export type AwsOptions = {
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Serve HTTPS with a fresh certificate; its CA is `Aws.certificate`. Default false. */
  tls?: boolean | undefined;
  /** DNS names and addresses in the certificate, besides localhost, 127.0.0.1 and ::1. */
  tlsNames?: string[] | undefined;
  /** Default region of what is set without one. Default eu-west-1. */
  region?: string | undefined;
  /** Default account of secrets and parameters. Default 123456789012. */
  account?: string | undefined;
  /** Milliseconds before each answer. Default 0. */
  latency?: { [service in ServiceName]?: number | undefined } | undefined;
  /** Calls a second of GetParameter and GetParameters together, per account and region; AWS's default is 40. Default: no limit. */
  ssmCallsPerSecond?: number | undefined;
  /** Have a Pod Identity agent too, at `Aws.podIdentityUrl`; as `::1` it can only be reached by IPv6. */
  podIdentity?: Address | undefined;
  /** Have an HTTP proxy too, the way to AWS's own host names; needs tls, whose CA vouches for them. `missing` are those that do not exist. */
  proxy?: (Address & { missing?: readonly string[] | undefined }) | undefined;
  /** Is called with each call when it has been answered. */
  onCall?: ((call: Call) => void) | undefined;
  /** The server's clock, for expiry and skew. Default: the real time. */
  now?: (() => Date) | undefined;
};

export type Aws = {
  /** A URL like http://127.0.0.1:40123, for `endpoint` of a client or `endpointUrl` of the injector. */
  url: string;
  port: number;
  /** A URL like http://127.0.0.1:40125/v1/credentials. Undefined where none was asked for. */
  podIdentityUrl: string | undefined;
  /** Undefined where none was asked for. */
  proxy: ConnectProxy | undefined;
  account: string;
  region: string;
  /** PEM of the CA that signed the server's certificate; undefined without tls. */
  certificate: string | undefined;
  /** Every request since the start or {@link Aws.forget}, in order of arrival. */
  calls: Call[];
  /** TCP connections accepted since the start. */
  connections(): number;
  /** Empties `calls`. */
  forget(): void;
  /** Creates the secret, or adds a version to it. The ARN's random suffix stays the same for a secret's life. */
  setSecret(secret: SecretInput): { arn: string; versionId: string };
  /** Schedules a secret for deletion: it can be described, not read. */
  deleteSecret(name: string, location?: OptionalLocation): void;
  /** Creates the parameter, or adds a version to it. */
  setParameter(parameter: ParameterInput): { arn: string; version: number };
  /** Removes the parameter and all its versions. */
  deleteParameter(name: string, location?: OptionalLocation): void;
  /** Adds or replaces a role. Sessions that exist get its new permissions at once. */
  addRole(role: RoleInput): void;
  addUser(user: UserInput): void;
  /** Adds or replaces the Pod Identity association of a ServiceAccount. */
  associate(association: AssociationInput): void;
  /** Adds or replaces an OIDC provider. */
  addIssuer(issuer: IssuerInput): void;
  /** Makes calls fail; the first matching fault wins. Returns what ends it. */
  fault(fault: Fault): () => void;
  /** Begins a whole outage: connections are cut and refused until {@link Aws.up}. The Pod Identity agent stays. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Stops, cutting connections that are open. */
  close(): Promise<void>;
};

/** Starts an AWS that knows nothing yet. */
export async function startAws(options: AwsOptions = {}): Promise<Aws> {
  const { host = '127.0.0.1', tls = false, tlsNames = [], latency = {} } = options;
  const { region = 'eu-west-1', account = '123456789012', now = () => new Date(), ssmCallsPerSecond, onCall } = options;
  if (options.proxy !== undefined && !tls) throw new TypeError("AWS's own names are served by TLS only");
  const world = createWorld(now);
  const faults = createFaults(now);
  const mayPass = ssmCallsPerSecond === undefined ? () => true : createLimiter(ssmCallsPerSecond, now);
  const machine: Machine = { world, faults, latency, mayPass, onCall, calls: [] };
  const identity = tls ? await createIdentity(tlsNames) : undefined;
  const answer: Handler = (request, connection) => handle(machine, request, connection);
  const listener = await listen(answer, { host, port: options.port ?? 0, identity, now });
  const agent = options.podIdentity && (await startAgent(machine, options.podIdentity));
  const proxy =
    options.proxy &&
    (await startProxy(
      { host: dialled(host), port: listener.port },
      { ...local(options.proxy), missing: options.proxy.missing },
    ));
  return {
    url: `${tls ? 'https' : 'http'}://${reachable(host)}:${listener.port}`,
    port: listener.port,
    podIdentityUrl: agent?.url,
    proxy,
    account,
    region,
    certificate: identity?.ca,
    ...control(machine, listener),
    close: async () => {
      await Promise.all([proxy?.close(), agent?.stop(), listener.stop()]);
    },
    ...contents(machine, { account, region }),
  };
}

async function startAgent(machine: Machine, address: Address): Promise<{ url: string; stop(): Promise<void> }> {
  const { host, port } = local(address);
  const answer: Handler = (request, connection) => handleAgent(machine, request, connection);
  const { port: bound, stop } = await listen(answer, { host, port, identity: undefined, now: machine.world.now });
  return { url: `http://${reachable(host)}:${bound}/v1/credentials`, stop };
}

type Control = Pick<Aws, 'calls' | 'connections' | 'forget' | 'fault' | 'down' | 'up'>;

function control({ calls, faults }: Machine, listener: Listener): Control {
  return {
    calls,
    connections: listener.connections,
    forget: () => {
      calls.length = 0;
    },
    fault: faults.add,
    down: listener.stop,
    up: listener.start,
  };
}

function contents(
  { world }: Machine,
  home: Location,
): Omit<Aws, keyof Control | 'url' | 'port' | 'podIdentityUrl' | 'proxy' | 'certificate' | 'close' | keyof Location> {
  const at = (location: OptionalLocation = {}): Location => ({
    account: location.account ?? home.account,
    region: location.region ?? home.region,
  });
  return {
    setSecret: (secret) => putSecret(world.secrets, at(secret), secret, world.now()),
    deleteSecret: (name, location) => {
      const secret = findSecret(world.secrets, at(location), name);
      if (secret === undefined) throw new TypeError(`there is no secret ${name}`);
      secret.deletedAt = world.now();
    },
    setParameter: (parameter) => putParameter(world.parameters, at(parameter), parameter, world.now()),
    deleteParameter: (name, location) => {
      if (!world.parameters.delete(parameterArn(at(location), name)))
        throw new TypeError(`there is no parameter ${name}`);
    },
    addRole: (role) => {
      world.roles.set(role.arn, role);
    },
    addUser: (user) => addUser(world, user),
    associate: ({ namespace, serviceAccount, roleArn }) => {
      world.associations.set(`${namespace}/${serviceAccount}`, roleArn);
    },
    addIssuer: (issuer) => {
      world.issuers.set(issuer.issuer, issuer);
    },
  };
}

/** Returns the host at which a client on this machine finds a server bound to that host. */
function dialled(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function reachable(host: string): string {
  return dialled(host).replace(/.*:.*/, '[$&]');
}

function local({ host = '127.0.0.1', port = 0 }: Address): { host: string; port: number } {
  return { host, port };
}

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
export type ServiceName = 'sts' | 'secretsmanager' | 'ssm';

export type AwsOptions = {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Serve HTTPS with a fresh certificate; its CA is `Aws.certificate`. Default false. */
  tls?: boolean;
  /** DNS names and addresses in the certificate, besides localhost, 127.0.0.1 and ::1. */
  tlsNames?: string[];
  /** Default region of what is set without one. Default eu-west-1. */
  region?: string;
  /** Default account of secrets and parameters. Default 123456789012. */
  account?: string;
  /** Milliseconds before each answer. Default 0. */
  latency?: { [service in ServiceName]?: number };
  /** Calls a second of GetParameter and GetParameters together, per account and region; AWS's default is 40. Default: no limit. */
  ssmCallsPerSecond?: number;
  /** The server's clock, for expiry and skew. Default: the real time. */
  now?: () => Date;
};

export type SecretInput = {
  name: string;
  /** Text is a SecretString, bytes are a SecretBinary. */
  value: string | Uint8Array;
  region?: string;
  account?: string;
  /** Default: a fresh UUID. */
  versionId?: string;
  /** Default ['AWSCURRENT']: the current version becomes AWSPREVIOUS. Other stages leave AWSCURRENT where it is. */
  stages?: string[];
  /** ARN of a customer managed key: reading then needs kms:Decrypt on it. Default: aws/secretsmanager, which needs nothing. */
  kmsKeyArn?: string;
  description?: string;
  tags?: { [key: string]: string };
  /** Accounts that the resource policy lets in; a cross-account read needs that, a full ARN and a customer managed key. */
  sharedWith?: string[];
};

export type ParameterInput = {
  name: string;
  value: string;
  /** Default String. */
  type?: 'String' | 'StringList' | 'SecureString';
  region?: string;
  account?: string;
  /** Labels that move to this version. */
  labels?: string[];
  /** ARN of a customer managed key (SecureString): decryption then needs kms:Decrypt on it. Default: aws/ssm, which needs nothing. */
  kmsKeyArn?: string;
  /** Accounts that it is shared with (they read it by full ARN). */
  sharedWith?: string[];
};

/** One statement of an identity-based policy; `*` and `?` are wildcards in both lists. */
export type Statement = { effect?: 'Allow' | 'Deny'; actions: string[]; resources: string[] };

export type RoleInput = {
  arn: string;
  /** Who may come with a web identity token. */
  trust?: {
    issuer: string;
    /** Values of `sub`, `*` and `?` are wildcards: system:serviceaccount:NAMESPACE:NAME. */
    subjects: string[];
    /** Default ['sts.amazonaws.com']. */
    audiences?: string[];
  }[];
  /** Who may come by AssumeRole: ARNs of roles or users, and the external id that is asked of them. */
  trustedPrincipals?: { arn: string; externalId?: string }[];
  /**
   * Default []: nothing is allowed. Permission for a secret that does not exist is asked on its name, not on an ARN, as in
   * AWS: only resource `*` gives ResourceNotFoundException, a narrower policy gives AccessDeniedException.
   */
  policy?: Statement[];
  /** Default 3600. */
  maxSessionSeconds?: number;
};

/** A user with a long-lived access key: for tests that want no web identity. */
export type UserInput = { arn: string; accessKeyId: string; secretAccessKey: string; policy?: Statement[] };

/** An OIDC provider that the accounts know: one of ours (createIssuer) or a real cluster's /openid/v1/jwks. */
export type IssuerInput = {
  /** Exactly the tokens' `iss`. */
  issuer: string;
  jwks: { keys: JsonWebKey[] };
  /** The provider's client ids. Default ['sts.amazonaws.com']. */
  audiences?: string[];
};

/** A public key of a JWKS, RFC 7517. */
export type JsonWebKey = { kty?: string; kid?: string; alg?: string; use?: string; [member: string]: unknown };

export type FaultEffect =
  /** An HTTP status with an empty body, as a load balancer gives it: 500, 502, 503. */
  | { kind: 'status'; status: number }
  /** ThrottlingException, Rate exceeded. */
  | { kind: 'throttle' }
  /** AccessDeniedException in AWS's words. */
  | { kind: 'access-denied' }
  /** Any AWS error. */
  | { kind: 'error'; code: string; message?: string; status?: number }
  /** The connection is reset. */
  | { kind: 'reset' }
  /** Never answers; the connection stays open. */
  | { kind: 'hang' }
  /** Status 200 and a body that is neither JSON nor XML. */
  | { kind: 'malformed' }
  /** A right answer, this much later. */
  | { kind: 'delay'; ms: number };

export type Fault = {
  effect: FaultEffect;
  /** Default: all services. */
  service?: ServiceName;
  /** Such as GetSecretValue. Default: all operations. */
  operation?: string;
  /** Matches calls that name this secret, parameter (without selector) or role ARN; `*` and `?` are wildcards. Default: all. */
  name?: string;
  /** How many matching calls it hits. Default: no limit. */
  times?: number;
  /** It begins this many milliseconds from now. Default 0. */
  afterMs?: number;
  /** It ends this many milliseconds after its beginning. Default: never. */
  forMs?: number;
};

/** One request as it arrived, and how it was answered. */
export type Call = {
  service: ServiceName | 'unknown';
  operation: string;
  /** SecretIds, parameter names with their selectors, paths, or the role's ARN, as asked. */
  names: string[];
  /** Of the signature's scope; undefined for unsigned calls. */
  region: string | undefined;
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or the user's; undefined before the caller is known. */
  principal: string | undefined;
  /** RoleSessionName: of the caller, or of the session that an STS call asks for. */
  sessionName: string | undefined;
  userAgent: string;
  /** Number of the TCP connection, from 1. */
  connection: number;
  /** The Host header: what the client believed to talk to. */
  host: string;
  requestId: string;
  at: Date;
  /** The HTTP status, or what a fault did instead; undefined while unanswered. */
  outcome: number | 'reset' | 'hang' | undefined;
  /** AWS's error code, where it was one. */
  error: string | undefined;
};

export type Aws = {
  /** Such as http://127.0.0.1:40123, for `endpoint` of a client or `endpointUrl` of the injector. */
  url: string;
  port: number;
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
  deleteSecret(name: string, place?: { region?: string; account?: string }): void;
  /** Creates the parameter, or adds a version to it. */
  setParameter(parameter: ParameterInput): { arn: string; version: number };
  /** Removes the parameter and all its versions. */
  deleteParameter(name: string, place?: { region?: string; account?: string }): void;
  /** Adds or replaces a role. Sessions that exist get its new permissions at once. */
  addRole(role: RoleInput): void;
  addUser(user: UserInput): void;
  /** Adds or replaces an OIDC provider. */
  addIssuer(issuer: IssuerInput): void;
  /** Makes calls fail; the first matching fault wins. Returns what ends it. */
  fault(fault: Fault): () => void;
  /** A whole outage: connections are cut and refused until {@link Aws.up}. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Stops, cutting connections that are open. */
  close(): Promise<void>;
};

/** Starts an AWS that knows nothing yet. */
export async function startAws(_options: AwsOptions = {}): Promise<Aws> {
  throw new Error('not built yet');
}

import { randomBytes } from 'node:crypto';
import { parseArn } from './arn.ts';
import type { Principal, Statement } from './iam/policy.ts';
import type { AccessKey } from './iam/sigv4.ts';
import type { IssuerInput } from './jwt.ts';
import type { SecretStore } from './secrets-manager/store.ts';
import type { ParameterStore } from './ssm/store.ts';

export type RoleInput = {
  arn: string;
  /** The ServiceAccounts that may assume the role with a web identity token. */
  trust?:
    | {
        issuer: string;
        /** Values of `sub`, `*` and `?` are wildcards: system:serviceaccount:NAMESPACE:NAME. */
        subjects: string[];
        /** Default ['sts.amazonaws.com']. */
        audiences?: string[] | undefined;
      }[]
    | undefined;
  /** True if it trusts pods.eks.amazonaws.com. Without that the EKS Pod Identity agent gets no credentials. Default false. */
  trustsPodIdentity?: boolean | undefined;
  /**
   * The callers that may use AssumeRole: ARNs of roles or users, and the external id that is asked of them. `tags` is true if they
   * may use sts:TagSession, too: without it a session with tags, which EKS Pod Identity gives, can not assume the role.
   */
  trustedPrincipals?: { arn: string; externalId?: string | undefined; tags?: boolean | undefined }[] | undefined;
  /**
   * Default []: nothing is allowed. Permission for a secret that does not exist is asked on its name, not on an ARN, as in
   * AWS: only resource `*` gives ResourceNotFoundException, a narrower policy gives AccessDeniedException.
   */
  policy?: Statement[] | undefined;
  /** Default 3600. */
  maxSessionSeconds?: number | undefined;
};

/** Describes a user with a long-lived access key, for tests that need no web identity. */
export type UserInput = { arn: string; accessKeyId: string; secretAccessKey: string; policy?: Statement[] | undefined };

/** Describes a Pod Identity association of the cluster. */
export type AssociationInput = { namespace: string; serviceAccount: string; roleArn: string };

/** A key and whose it is. */
export type Credential = AccessKey & { accessKeyId: string; principal: Principal };

/** All that the in-memory AWS knows. */
export type World = {
  now: () => Date;
  secrets: SecretStore;
  parameters: ParameterStore;
  roles: Map<string, RoleInput>;
  issuers: Map<string, IssuerInput>;
  credentials: Map<string, Credential>;
  /** Roles of Pod Identity associations, by NAMESPACE/SERVICEACCOUNT. */
  associations: Map<string, string>;
};

export function createWorld(now: () => Date): World {
  return {
    now,
    secrets: new Map(),
    parameters: new Map(),
    roles: new Map(),
    issuers: new Map(),
    credentials: new Map(),
    associations: new Map(),
  };
}

/** Gives a user its access key. */
export function addUser(world: World, user: UserInput): void {
  const { accessKeyId, secretAccessKey } = user;
  const principal = {
    arn: user.arn,
    identity: user.arn,
    account: accountOf(user.arn),
    sessionName: undefined,
    hasTags: false,
    policy: () => user.policy ?? [],
  };
  world.credentials.set(accessKeyId, { accessKeyId, secretAccessKey, principal });
}

type Session = { name: string; seconds: number; hasTags: boolean };

/** Opens a session of a role: temporary credentials. */
export function openSession(world: World, role: RoleInput, { name, seconds, hasTags }: Session): Required<Credential> {
  const credential = {
    accessKeyId: `ASIA${letters(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(300).toString('base64'),
    expiresAt: new Date(world.now().getTime() + seconds * 1000),
    principal: { ...sessionPrincipal(world, role.arn, name), hasTags },
  };
  world.credentials.set(credential.accessKeyId, credential);
  return credential;
}

function sessionPrincipal(world: World, roleArn: string, sessionName: string): Omit<Principal, 'hasTags'> {
  const [, partition = 'aws'] = roleArn.split(':');
  const account = accountOf(roleArn);
  const name = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return {
    arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`,
    identity: roleArn,
    account,
    sessionName,
    policy: () => world.roles.get(roleArn)?.policy ?? [],
  };
}

function accountOf(arn: string): string {
  const parts = parseArn(arn);
  if (parts === undefined) throw new TypeError(`not an ARN with an account: ${arn}`);
  return parts.account;
}

function letters(count: number): string {
  return [...randomBytes(count)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('');
}

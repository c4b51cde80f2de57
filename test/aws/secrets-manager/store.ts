import { randomBytes, randomUUID } from 'node:crypto';
import { arn, type Location, parseArn } from '../arn.ts';

export type SecretInput = {
  name: string;
  /** Text is a SecretString, bytes are a SecretBinary. */
  value: string | Uint8Array;
  region?: string | undefined;
  account?: string | undefined;
  /** Default: a fresh UUID. */
  versionId?: string | undefined;
  /** Default ['AWSCURRENT']: the current version becomes AWSPREVIOUS. Other stages leave AWSCURRENT where it is. */
  stages?: string[] | undefined;
  /** ARN of a customer managed key: reading then needs kms:Decrypt on it. Default: aws/secretsmanager, which needs nothing. */
  kmsKeyArn?: string | undefined;
  description?: string | undefined;
  tags?: { [key: string]: string } | undefined;
  /** Accounts that the resource policy lets in; a cross-account read needs that, a full ARN and a customer managed key. */
  sharedWith?: string[] | undefined;
};

export type SecretVersion = { id: string; value: string | Uint8Array; stages: Set<string>; createdAt: Date };

export type Secret = Location & {
  name: string;
  arn: string;
  versions: SecretVersion[];
  kmsKeyArn: string | undefined;
  description: string | undefined;
  tags: { [key: string]: string };
  sharedWith: string[];
  createdAt: Date;
  changedAt: Date;
  deletedAt: Date | undefined;
};

/** Has the secrets of all accounts and regions, by ARN. */
export type SecretStore = Map<string, Secret>;

/** Creates the secret, or adds a version to it. */
export function putSecret(
  store: SecretStore,
  location: Location,
  input: SecretInput,
  now: Date,
): { arn: string; versionId: string } {
  const secret = secretByName(store, location, input.name) ?? create(store, location, input.name, now);
  const version = {
    id: input.versionId ?? randomUUID(),
    value: input.value,
    stages: new Set<string>(),
    createdAt: now,
  };
  secret.versions = [...secret.versions.filter((other) => other.id !== version.id), version];
  for (const stage of input.stages ?? ['AWSCURRENT']) moveStage(secret, stage, version);
  secret.kmsKeyArn = input.kmsKeyArn ?? secret.kmsKeyArn;
  secret.description = input.description ?? secret.description;
  secret.tags = input.tags ?? secret.tags;
  secret.sharedWith = input.sharedWith ?? secret.sharedWith;
  secret.changedAt = now;
  secret.deletedAt = undefined;
  return { arn: secret.arn, versionId: version.id };
}

/**
 * The secret that a SecretId means, as seen from an account and region: a name, a full ARN, or an ARN without the random
 * suffix. What ends like a suffix is taken for a full ARN: a name that ends in a hyphen and six characters is not found by a
 * partial one. Secrets Manager's own documentation warns of that.
 */
export function findSecret(store: SecretStore, location: Location, id: string): Secret | undefined {
  if (!id.startsWith('arn:')) return secretByName(store, location, id);
  const parts = parseArn(id);
  if (parts?.service !== 'secretsmanager' || parts.region !== location.region) return undefined;
  const full = store.get(id);
  if (full !== undefined || SUFFIX.test(id)) return full;
  return [...store.values()].find((secret) => secret.arn.replace(SUFFIX, '') === id);
}

const SUFFIX = /-[A-Za-z0-9]{6}$/;

function create(store: SecretStore, location: Location, name: string, now: Date): Secret {
  const secret: Secret = {
    ...location,
    name,
    arn: arn('secretsmanager', location, `secret:${name}-${suffix()}`),
    versions: [],
    kmsKeyArn: undefined,
    description: undefined,
    tags: {},
    sharedWith: [],
    createdAt: now,
    changedAt: now,
    deletedAt: undefined,
  };
  store.set(secret.arn, secret);
  return secret;
}

function secretByName(store: SecretStore, location: Location, name: string): Secret | undefined {
  return [...store.values()].find(
    (secret) => secret.name === name && secret.region === location.region && secret.account === location.account,
  );
}

function moveStage(secret: Secret, stage: string, to: SecretVersion): void {
  const from = secret.versions.find((version) => version.stages.has(stage));
  from?.stages.delete(stage);
  to.stages.add(stage);
  if (stage === 'AWSCURRENT' && from !== undefined && from !== to) moveStage(secret, 'AWSPREVIOUS', from);
}

function suffix(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return [...randomBytes(6)].map((byte) => letters[byte % letters.length]).join('');
}

/**
 * The questions that admission asks about the cluster. Each may wait for the API server, and throws if it does not
 * answer.
 */
import type { ProviderClass } from '../declare/provider-class.ts';
import type { StoreKind } from '../external-secrets/store.ts';
import type { EnvFiles } from '../mutate/environment/variables.ts';
import type { Version } from './kubernetes-version.ts';

/** The annotations of a ServiceAccount that the webhook of EKS reads, too; absent if they are absent or empty. */
export type AccountRole = {
  /** The annotation eks.amazonaws.com/role-arn. */
  readonly roleArn?: string;
  /** The annotation eks.amazonaws.com/audience: the audience of the token for STS. */
  readonly audience?: string;
};

/** An object of External Secrets. */
export type External = {
  /** The spec as the API server has it. One that is too long to be read has at most the name of its Secret. */
  readonly spec: unknown;
  readonly isTooLong?: true;
};

/** The questions about the objects of External Secrets. `live` asks the API server, whatever the cache has. */
export type ExternalFacts = {
  /** Returns an ExternalSecret, or undefined if it does not exist. */
  readonly externalSecretOf: (namespace: string, name: string, live: boolean) => Promise<External | undefined>;
  /** Returns the names of the ExternalSecrets in a namespace that make a Secret of one of these names, in order; the cache decides. */
  readonly externalSecretsFor: (namespace: string, secretNames: readonly string[]) => Promise<readonly string[]>;
  /** Returns a store, or undefined if it does not exist. A ClusterSecretStore is in no namespace. */
  readonly storeOf: (kind: StoreKind, namespace: string, name: string, live: boolean) => Promise<External | undefined>;
};

/** The answers where nothing of External Secrets is followed. */
export const NO_EXTERNAL_SECRETS: ExternalFacts = {
  externalSecretOf: async () => undefined,
  externalSecretsFor: async () => [],
  storeOf: async () => undefined,
};

export type Facts = ExternalFacts & {
  /** Returns what a ServiceAccount says about its IAM role, or undefined if it does not exist. */
  readonly roleOf: (namespace: string, serviceAccount: string) => Promise<AccountRole | undefined>;
  /** Returns the AWS region of the cluster, or undefined if no node tells it. */
  readonly region: () => Promise<string | undefined>;
  /**
   * Returns a SecretProviderClass, or undefined if it does not exist. `live` asks the API server, whatever the cache
   * has.
   */
  readonly classOf: (namespace: string, name: string, live: boolean) => Promise<ProviderClass | undefined>;
  /** Returns which parts of the cluster know variables from files. */
  readonly envFiles: () => Promise<EnvFiles>;
  /** Returns the version of the API server. One that is older than the needed one is read again first. */
  readonly serverVersion: (needed: Version) => Promise<Version>;
};

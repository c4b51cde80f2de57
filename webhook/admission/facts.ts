/**
 * The questions that admission asks about the cluster. Each may wait for the API server, and throws if it does not
 * answer.
 */
import type { ProviderClass } from '../declare/provider-class.ts';
import type { EnvFiles } from '../mutate/environment/variables.ts';

export type Facts = {
  /** Returns the annotation eks.amazonaws.com/role-arn of a ServiceAccount, or undefined if it does not exist. */
  readonly roleOf: (namespace: string, serviceAccount: string) => Promise<{ readonly roleArn?: string } | undefined>;
  /** Returns the AWS region of the cluster, or undefined if no node tells it. */
  readonly region: () => Promise<string | undefined>;
  /**
   * Returns a SecretProviderClass, or undefined if it does not exist. `live` asks the API server, whatever the cache
   * has.
   */
  readonly classOf: (namespace: string, name: string, live: boolean) => Promise<ProviderClass | undefined>;
  /** Returns which parts of the cluster know variables from files. */
  readonly envFiles: () => Promise<EnvFiles>;
};

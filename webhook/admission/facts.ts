/**
 * The questions that admission asks about the cluster. Each may wait for the API server, and throws if it does not
 * answer.
 */
import type { ProviderClass } from '../declare/provider-class.ts';

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

/**
 * Says which parts of the cluster know variables from files, `env[].valueFrom.fileKeyRef`. They are on by default from
 * Kubernetes 1.35 on: https://github.com/kubernetes/enhancements/issues/3721
 */
export type EnvFiles = {
  /** The version of the API server, like `1.34`, for messages. */
  readonly serverVersion: string;
  /** True if the API server knows the field; an older one refuses the pod. */
  readonly server: boolean;
  /** True if at least one node is known and none is too old: the kubelet of an old node sets an empty variable. */
  readonly everyNode: boolean;
};

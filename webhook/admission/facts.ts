/** What only the cluster knows. Every question may ask it, and throws where it does not answer. */
import type { ProviderClass } from '../declare/provider-class.ts';

export type Facts = {
  /** The ServiceAccount's annotation eks.amazonaws.com/role-arn; undefined where there is no such ServiceAccount. */
  readonly roleOf: (namespace: string, serviceAccount: string) => Promise<{ readonly roleArn?: string } | undefined>;
  /** The region that the cluster lives in. */
  readonly region: () => Promise<string | undefined>;
  /** A SecretProviderClass; undefined where there is none. `live` asks the API server, whatever the cache holds. */
  readonly classOf: (namespace: string, name: string, live: boolean) => Promise<ProviderClass | undefined>;
  /** Whether the cluster delivers `fileKeyRef`. */
  readonly envFiles: () => Promise<EnvFiles>;
};

/** `env[].valueFrom.fileKeyRef` is on by default from Kubernetes 1.35 on. */
export type EnvFiles = {
  /** The API server's, like `1.34`; for people. */
  readonly serverVersion: string;
  /** The API server keeps the field; an older one refuses the pod. */
  readonly server: boolean;
  /** At least one node is known, and none is too old; an older kubelet sets an empty string. */
  readonly everyNode: boolean;
};

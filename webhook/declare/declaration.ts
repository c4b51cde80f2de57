/** What a pod declares, read and checked: the meeting point of `declare/` (annotations in) and `mutate/` (pod out). */
import type { ConfigObject, InjectorConfig } from '../../injector/config.ts';

export type Declaration = {
  readonly objects: readonly ConfigObject[];
  readonly envFile?: NonNullable<InjectorConfig['envFile']>;
  /** The annotation's, else the webhook's own: ARNs were checked against it. */
  readonly region: string;
  /** Where the app's containers see the files. Absolute, normalised, not `/`. */
  readonly mountPath: string;
  /** Names of containers that get the mount; absent means all that the pod has when first seen. */
  readonly containers?: readonly string[];
  readonly position:
    | { readonly kind: 'first' }
    | { readonly kind: 'last' }
    | { readonly kind: 'after'; readonly name: string };
  /** Absent: the pod's kind decides. */
  readonly retryTimeoutSeconds?: number;
  readonly overrides: {
    /** Kubernetes quantities, as written. */
    readonly cpu?: string;
    readonly memory?: string;
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly logLevel?: InjectorConfig['log']['level'];
  };
};

/** Defines the declaration of a pod, read and checked. `declare/` makes it from annotations, and `mutate/` changes the pod by it. */
import type {
  ConfigObject,
  ConfigSearch,
  ConfigTemplate,
  ConfigTemplateVariable,
  InjectorConfig,
} from '../../injector/contract/config.ts';
import type { MadeSecret } from '../../injector/contract/sync-schema.ts';
import type { Options } from './options.ts';

/** The members that have the value of one annotation come from its row in the table, by {@link Options}. */
export type Declaration = Options & {
  readonly objects: readonly ConfigObject[];
  readonly searches: readonly ConfigSearch[];
  readonly templates: readonly ConfigTemplate[];
  /** The variables of `env` that are made of a text with placeholders. */
  readonly templateVariables: readonly ConfigTemplateVariable[];
  readonly envFile?: NonNullable<InjectorConfig['envFile']>;
  /** The region of the annotation, else the webhook's own. ARNs were checked against it. Objects of a class may name another. */
  readonly region: string;
  readonly failoverMode?: NonNullable<InjectorConfig['failoverMode']>;
  /** The injector gets its credentials by this identity. `auto` tries the agent's IPv4 address first. */
  readonly identity:
    | { readonly kind: 'web-identity' }
    | { readonly kind: 'pod-identity'; readonly addressType: 'auto' | 'ipv4' | 'ipv6' };
  readonly assume?: NonNullable<InjectorConfig['assume']>;
  /**
   * Says how variables reach the containers. It is absent if there are none, or only those of `env-from` in the env file. With
   * `kubelet`, the objects have an `environment` entry for each of `variables` without a template; otherwise they have
   * `variables`.
   */
  readonly delivery?: 'kubelet' | 'shell' | 'file';
  /** Says what is most likely not meant, a sentence each; absent if there is nothing. */
  readonly warnings?: readonly string[];
  /** The variables of `env`, in its order. */
  readonly variables: readonly { readonly name: string; readonly optional: boolean }[];
  /** The Secrets that the CSI driver would make. References of containers to them are replaced. */
  readonly synced: readonly SyncedSecret[];
  /** The Kubernetes Secrets that the injected container makes; absent if it makes none. */
  readonly secrets?: readonly MadeSecret[];
  /** The names of the pod's CSI volumes that are taken over. */
  readonly volumes: readonly string[];
};

/** Describes a Secret of a class's secretObjects, of any type but kubernetes.io/tls. */
export type SyncedSecret = {
  readonly secretName: string;
  /** `object` is an index into the declaration's objects. */
  readonly keys: readonly { readonly key: string; readonly object: number; readonly jmesPath?: string }[];
};

/** Names the parts of the cluster's objects that are read here. The API server has checked their form. */

/** Refers to an object, as its offspring and its events do. */
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
};

export type Metadata = {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  /** Each entry says which fields one writer wrote, and when last. */
  readonly managedFields?: readonly {
    readonly time?: string;
    readonly fieldsV1?: { readonly 'f:metadata'?: { readonly 'f:annotations'?: Readonly<Record<string, unknown>> } };
  }[];
};

type Terminated = { readonly exitCode: number; readonly reason?: string; readonly message?: string };

export type ContainerStatus = {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
};

/** A pod as the cluster has it. */
export type LivePod = {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string; readonly serviceAccountName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** An Event as core/v1 has it. Newer writers fill eventTime and series, older ones lastTimestamp and count. */
export type ClusterEvent = {
  readonly involvedObject?: OwnerReference;
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
};

export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
};

/** The part of a MutatingWebhookConfiguration that decides whether the webhook is asked. */
export type WebhookConfiguration = {
  readonly metadata: Metadata;
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: {
      readonly caBundle?: string;
      readonly service?: { readonly name: string; readonly namespace: string };
    };
    readonly failurePolicy?: string;
    readonly namespaceSelector?: LabelSelector;
    readonly objectSelector?: LabelSelector;
    readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  }[];
};

/** The parts of the webhook's Deployment that are read. */
export type Deployment = {
  readonly metadata: Metadata & { readonly generation?: number };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly spec: {
        readonly serviceAccountName?: string;
        readonly volumes?: readonly {
          readonly name: string;
          readonly secret?: {
            readonly secretName: string;
            readonly items?: readonly { readonly key: string; readonly path: string }[];
          };
        }[];
        readonly containers: readonly {
          readonly name: string;
          readonly image: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
};

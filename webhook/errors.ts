/** The catalogue of everything that the webhook refuses. docs/errors.md lists it; a test keeps the two in step. */

type CatalogueEntry = {
  /** HTTP status in the AdmissionReview's answer; 422 if it is absent. */
  readonly status?: number;
  readonly cause: string;
  readonly fix: string;
};

export const REFUSALS = {
  ASI_ADMIT_UNKNOWN_ANNOTATION: {
    cause: 'The pod has an annotation under aws-secrets-injector.dev/ that this version does not know.',
    fix: 'Correct the spelling, or upgrade the chart. docs/annotations.md lists all names.',
  },
  ASI_ADMIT_WINDOWS: {
    cause: 'The pod is for Windows nodes, and the injected container is a Linux one.',
    fix: 'Remove the annotations from the pod, or run it on Linux.',
  },
  ASI_ADMIT_NO_ROLE: {
    cause: "The pod's ServiceAccount does not exist, or has no annotation eks.amazonaws.com/role-arn.",
    fix: 'Annotate the ServiceAccount with the ARN of an IAM role that trusts it. The controller then tries again by itself.',
  },
  ASI_ADMIT_BAD_ROLE: {
    cause: 'The annotation eks.amazonaws.com/role-arn of the ServiceAccount is not the ARN of an IAM role.',
    fix: 'Write it like arn:aws:iam::111122223333:role/app.',
  },
  ASI_ADMIT_NAME_TAKEN: {
    cause: 'The pod has a container or volume with a name of the injector, or mounts a volume of it.',
    fix: 'Rename it, or remove the mount. Taken are the containers aws-secrets-injector and aws-secrets-injector-sentinel, and the volumes aws-secrets, aws-secrets-files, aws-secrets-env, aws-secrets-token, aws-secrets-state, aws-secrets-ca and aws-secrets-kubernetes.',
  },
  ASI_ADMIT_PATH_TAKEN: {
    cause: 'A container mounts something at, above or below the mount path, or the absolute path of a file.',
    fix: 'Choose another mount-path, or another path of the file, or leave that container out with the annotation containers.',
  },
  ASI_ADMIT_UNKNOWN_CONTAINER: {
    cause: 'The annotation containers names a container that the pod does not have.',
    fix: 'Write names of containers that the pod has. The message lists them.',
  },
  ASI_ADMIT_UNREADABLE_MODE: {
    cause:
      'A file has a mode without read permission for others, and nothing says that the app is its owner or in its group.',
    fix: 'Give all containers one non-zero runAsUser, or the pod an fsGroup and the file group-read, or use mode 0644.',
  },
  ASI_ADMIT_POD_TOO_SMALL: {
    cause: "The pod's own memory limit (spec.resources) is below what the injected container needs.",
    fix: 'Raise spec.resources.limits.memory of the pod to what the message names.',
  },
  ASI_ADMIT_TOO_LARGE: {
    cause:
      "The declaration is larger than an environment variable can hold, or than a pod's annotations may be. Or the chart value aws.caBundle takes the room.",
    fix: 'Declare fewer objects, or split the pod. Give a large CA bundle to the pods by the chart value aws.caBundleConfigMap.',
  },
  ASI_ADMIT_POD_TOO_LARGE: {
    cause:
      'The pod has more containers, volumes, mounts or variables than any cluster could start, or its patch is too large.',
    fix: 'Split the pod, or give the secrets to fewer containers with the annotation containers.',
  },
  ASI_ADMIT_NOT_ANSWERING: {
    status: 503,
    cause: 'The webhook could not read the ServiceAccount, a SecretProviderClass or the nodes from the Kubernetes API.',
    fix: "Try again. If it happens again, the webhook's log says what it could not read, and which right its ClusterRole lacks.",
  },
  ASI_ADMIT_INTERNAL: {
    status: 500,
    cause: 'The webhook could not look at this pod, because it has a defect.',
    fix: 'Report it with the line of the webhook\'s log about this review. Until then, aws-secrets-injector.dev/inject: "false" starts the pod without its secrets.',
  },
  ASI_ADMIT_INVALID_VALUE: {
    cause: 'The value of an annotation does not have the form that it needs.',
    fix: 'Write the value as the message says. docs/annotations.md has an example of each.',
  },
  ASI_ADMIT_INVALID_OBJECTS: {
    cause: 'An entry of objects breaks a rule of the AWS provider for the CSI driver (ASCP), or has an unknown key.',
    fix: 'Correct the entry that the message names. Its first words are those of ASCP.',
  },
  ASI_ADMIT_INVALID_REFERENCE: {
    cause: 'A reference in files, env or env-from does not name one secret or one parameter.',
    fix: 'Write [secretsmanager:|ssm:]NAME[?version=V|?stage=S|?label=L][#JMESPATH], or a full ARN in place of service:NAME.',
  },
  ASI_ADMIT_INVALID_FILE_NAME: {
    cause: 'A file would be outside the mount, or Linux cannot have a file of that name.',
    fix: 'Choose a relative path without "." and "..", of at most 255 bytes per element.',
  },
  ASI_ADMIT_FILE_COLLISION: {
    cause: 'Two declared files have the same path after translation, or one is where the other needs a folder.',
    fix: 'Give one of them another name: an objectAlias, a path in files, or another env-file.',
  },
  ASI_ADMIT_INVALID_VARIABLE: {
    cause: 'A variable is declared twice, or a shell cannot have a variable of that name.',
    fix: 'Use letters, digits and "_", do not begin with a digit, and use each name once.',
  },
  ASI_ADMIT_ENV_FILE: {
    cause:
      'The annotations about variables do not fit together: variables without a file, or a file without variables.',
    fix: 'Declare env-file together with env or env-from. The kubelet can set only the variables of env.',
  },
  ASI_ADMIT_INVALID_TEMPLATE: {
    cause: 'A text of templates, or a template of env, has a placeholder that cannot be read.',
    fix: 'Write {{ reference }} or {{ reference | filter }}, with a known filter, and {{ "{{" }} for the braces themselves.',
  },
  ASI_ADMIT_NO_CLASS: {
    cause: "There is no SecretProviderClass of that name in the pod's namespace.",
    fix: 'Create it, or correct the name. The controller then tries again by itself, after a delay that grows; kubectl rollout restart tries at once.',
  },
  ASI_ADMIT_NO_EXTERNAL_SECRET: {
    cause: "There is no ExternalSecret of that name in the pod's namespace, or it names a store that does not exist.",
    fix: 'Create it, or correct the name in the annotation external-secret or in the ExternalSecret. The controller then tries again by itself, after a delay that grows; kubectl rollout restart tries at once.',
  },
  ASI_ADMIT_EXTERNAL_SECRET: {
    cause: 'An ExternalSecret of the pod, or a use of its Secret in the pod, can not be replaced.',
    fix: 'Change what the message names, or take the ExternalSecret out of the annotation, so that the pod gets the Secret of the operator. A pod without the annotation gets it by inject: "false". aws-secrets-injector migrate says the same of manifests in files.',
  },
  ASI_ADMIT_INVALID_CLASS: {
    cause:
      'A SecretProviderClass is not of provider aws, or a parameter of it breaks a rule of the AWS provider for the CSI driver (ASCP).',
    fix: 'Correct what the message names. Its first words are those of the CSI driver or of ASCP.',
  },
  ASI_ADMIT_INVALID_VOLUME: {
    cause: 'A CSI volume that is taken over names no class, or is not read-only.',
    fix: 'Write readOnly: true, and secretProviderClass below volumeAttributes.',
  },
  ASI_ADMIT_MIXED_IDENTITIES: {
    cause: 'Some of what a pod declares uses EKS Pod Identity, and some the role of its ServiceAccount.',
    fix: 'Give all classes of the pod the same usePodIdentity, or set the annotation use-pod-identity, which counts for all of them.',
  },
  ASI_ADMIT_NO_REGION: {
    cause: 'Neither the pod nor the webhook knows the AWS region.',
    fix: 'Set the annotation aws-secrets-injector.dev/region, or the chart value aws.region for all pods.',
  },
  ASI_ADMIT_EMPTY: {
    cause: 'An annotation that lists what to fetch lists nothing.',
    fix: 'List at least one object, or remove the annotation.',
  },
  ASI_ADMIT_ENV_DELIVERY: {
    cause: 'The API server is too old to deliver variables from files, as Kubernetes 1.35 does.',
    fix: 'Upgrade the cluster to Kubernetes 1.35. Or set the annotations env-delivery: file and env-file: NAME. Or set env-delivery: shell, for which each container that gets variables needs a command in the pod.',
  },
  ASI_ADMIT_NO_COMMAND: {
    cause:
      'With env-delivery: shell a container is started by its own /bin/sh, and this container has no command in the pod: it comes from the image.',
    fix: "Write the image's ENTRYPOINT and CMD into the pod as command, name only the other containers in the annotation containers, or deliver the values as files: with files, or by the volume of the SecretProviderClass. The message names what is left for this pod.",
  },
  ASI_ADMIT_RUNS_BEFORE: {
    cause: 'A container that needs the secrets runs before the injected one, because of the annotation position.',
    fix: 'Choose another position, or leave the container out.',
  },
  ASI_ADMIT_POD_IDENTITY_FARGATE: {
    cause: 'EKS Pod Identity needs an agent on each node, and Fargate runs none.',
    fix: 'Give the ServiceAccount a role by its annotation eks.amazonaws.com/role-arn, and remove use-pod-identity (usePodIdentity in a class).',
  },
  ASI_ADMIT_OPTIONAL_SECRET: {
    cause:
      'A container has an optional reference to a Secret of a class. This Secret is not made here, so the container would start without the value.',
    fix: 'Upgrade the cluster to Kubernetes 1.35, where the container gets the value itself. Or set env-delivery: shell, if the container has a command in the pod. Or create the Secret by other means, and remove optional: true.',
  },
  ASI_ADMIT_UNKNOWN_KEY: {
    cause: 'A container refers to a key of a Secret that the secretObjects of its SecretProviderClass do not have.',
    fix: 'Use one of the keys that the message names, or add the key to the class.',
  },
  ASI_ADMIT_MOVED: {
    cause:
      'The pod is a copy of a pod that was injected in another AWS region, and its CSI volumes were taken over there. The copy does not name their SecretProviderClasses any more.',
    fix: 'Create the pod from its manifest or by its controller: they name the classes, and those of this cluster count then.',
  },
  ASI_ADMIT_STRANDED: {
    cause: 'The pod is a copy of an injected pod without the injected container, so its volumes would stay empty.',
    fix: 'Copy it with its init containers (kubectl debug --copy-to does by default), or set aws-secrets-injector.dev/inject: "false" to start it without the secrets.',
  },
  ASI_ADMIT_SYNC: {
    cause: 'The pod is to make Kubernetes Secrets (sync). There are none, or one can not be made in time.',
    fix: 'Correct secretObjects as the message says, or set aws-secrets-injector.dev/sync: "false".',
  },
  ASI_ADMIT_ROTATION: {
    cause: 'An annotation says what to do after a change, but nothing looks for changes, or the pod could not obey it.',
    fix: 'Add the annotation rotation with an interval, like 1h, or remove the annotation that the message names.',
  },
  ASI_ADMIT_ROTATION_SIGNAL: {
    cause:
      'rotation-signal and rotation-restart: container reach the processes of other containers, which this pod does not allow.',
    fix: 'Set shareProcessNamespace: true in the pod, and give its containers one runAsUser other than 0. Or use rotation-notify.',
  },
  ASI_ADMIT_ROTATION_VERSION: {
    cause:
      'The API server is too old: sidecars came with Kubernetes 1.29, and the restart of all containers with 1.36.',
    fix: 'Set the annotation rotation to never, or remove rotation-restart: pod. Or upgrade the cluster.',
  },
  ASI_ADMIT_ROTATION_STRIPPED: {
    cause:
      'Another webhook, such as an old pod-identity-webhook, removed restartPolicy from the injected container. It would then never end, and the app never start.',
    fix: 'Upgrade that webhook to one that knows the sidecars of Kubernetes 1.29, or set aws-secrets-injector.dev/rotation: never. If the pod is an edited copy, take the container aws-secrets-injector out of it.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type RefusalCode = keyof typeof REFUSALS;

/** Returns the HTTP status in the answer to a pod that is refused with this code. */
export function statusOf(code: RefusalCode): number {
  const { status = 422 }: CatalogueEntry = REFUSALS[code];
  return status;
}

/** One thing that is wrong with a pod. The message is a sentence that names the annotation and the fix, never a value. */
export type Refusal = { readonly kind: 'refusal'; readonly code: RefusalCode; readonly message: string };

/**
 * Returns a refusal. Without a message it has the cause and the fix of the catalogue. It is a value and is never thrown: an
 * error would take its stack, and a hostile pod may cause thousands.
 */
export function refusal(code: RefusalCode, message = `${REFUSALS[code].cause} ${REFUSALS[code].fix}`): Refusal {
  return { kind: 'refusal', code, message };
}

/** Returns whether the value is a refusal, and not the result that was asked for. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refusal';
}

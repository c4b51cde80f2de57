/** The catalogue of everything that the webhook refuses. README.md lists it; a test keeps the two in step, both ways. */

type Entry = {
  /** HTTP status in the AdmissionReview's answer. */
  readonly status: number;
  readonly cause: string;
  readonly fix: string;
};

export const REFUSALS = {
  ASI_ADMIT_UNKNOWN_ANNOTATION: {
    status: 422,
    cause: 'The pod has an annotation under aws-secrets-injector.dev/ that this version does not know.',
    fix: 'Correct the spelling, or upgrade the chart; see the annotation reference.',
  },
  ASI_ADMIT_WINDOWS: {
    status: 422,
    cause: 'The pod is for Windows nodes, and the injected container is a Linux one.',
    fix: 'Take the annotations off the pod, or run it on Linux.',
  },
  ASI_ADMIT_NO_ROLE: {
    status: 422,
    cause: "The pod's ServiceAccount does not exist, or has no annotation eks.amazonaws.com/role-arn.",
    fix: 'Annotate the ServiceAccount with the ARN of an IAM role that trusts it; the controller tries the pod again by itself.',
  },
  ASI_ADMIT_BAD_ROLE: {
    status: 422,
    cause: 'The annotation eks.amazonaws.com/role-arn of the ServiceAccount is not the ARN of an IAM role.',
    fix: 'Write it like arn:aws:iam::111122223333:role/app.',
  },
  ASI_ADMIT_NAME_TAKEN: {
    status: 422,
    cause: 'The pod has a container or a volume of its own with a name that the injector needs.',
    fix: 'Rename it: aws-secrets-injector, aws-secrets and aws-secrets-token are taken.',
  },
  ASI_ADMIT_PATH_TAKEN: {
    status: 422,
    cause: 'A container already mounts something at, above or below the mount path of the secrets.',
    fix: 'Choose another mount-path, or leave that container out with the annotation containers.',
  },
  ASI_ADMIT_UNKNOWN_CONTAINER: {
    status: 422,
    cause: 'The annotation containers names none of the containers of the pod.',
    fix: 'Correct the names.',
  },
  ASI_ADMIT_UNREADABLE_MODE: {
    status: 422,
    cause:
      'A file has a mode without read permission for others, and nothing says that the app is its owner or in its group.',
    fix: 'Give all containers one non-zero runAsUser, or the pod an fsGroup and the file group-read, or use mode 0644.',
  },
  ASI_ADMIT_POD_TOO_SMALL: {
    status: 422,
    cause: "The pod's own memory limit (spec.resources) is below what the injected container needs.",
    fix: 'Raise spec.resources.limits.memory.',
  },
  ASI_ADMIT_TOO_LARGE: {
    status: 422,
    cause: 'The declaration is larger than an environment variable can hold.',
    fix: 'Declare fewer objects, or split the pod.',
  },
  ASI_ADMIT_NOT_ANSWERING: {
    status: 503,
    cause: 'The webhook could not read the ServiceAccount or the nodes from the Kubernetes API.',
    fix: "Try again; if it stays, look at the webhook's log and its ClusterRole.",
  },
  ASI_ADMIT_INTERNAL: {
    status: 500,
    cause: 'A defect of the webhook.',
    fix: 'Report it with the webhook\'s log of this uid; until then, aws-secrets-injector.dev/inject: "false" lets the pod pass.',
  },
} as const satisfies Record<string, Entry>;

export type RefusalCode = keyof typeof REFUSALS;

/** One thing that is wrong with a pod. The message is a sentence that names the annotation and the fix, never a value. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return REFUSALS[this.code].status;
  }
}

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

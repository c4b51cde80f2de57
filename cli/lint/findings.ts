/** The catalogue of mistakes in files that no admission can see. docs/errors.md lists it. */

export const MISTAKES = {
  ASI_LINT_NOT_YAML: {
    cause: 'The file is not YAML, so that nothing in it can be checked.',
    fix: 'Correct the YAML. Render templates first, as with helm template or kustomize build.',
  },
  ASI_LINT_NOT_TEXT: {
    cause: 'The value of an annotation is a number, true, false, or a list. The API server refuses the object.',
    fix: 'Put the value into quotes, or write it as a block of text after "|".',
  },
  ASI_LINT_NOT_A_POD: {
    cause: 'The pod template has a form that the API server does not take.',
    fix: 'Correct the named field.',
  },
  ASI_LINT_WRONG_PLACE: {
    cause: 'The annotation is on an object whose pods do not get it, or it is a label. It has no effect.',
    fix: 'Move it to metadata.annotations of the pod template: spec.template in a Deployment, spec.jobTemplate.spec.template in a CronJob.',
  },
} as const;

type MistakeCode = keyof typeof MISTAKES;

/** One thing that is wrong in a file. */
export type Finding = {
  readonly file: string;
  /** The number of the document in its file, from 1 on. */
  readonly document: number;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  /** A code of docs/errors.md. Warnings have none. */
  readonly code?: string;
  readonly message: string;
  /** The object, like `Deployment shop/web`. */
  readonly object?: string;
};

/** Returns a sentence about a mistake: what is wrong, and the catalogue's fix. */
export function mistakeMessage(code: MistakeCode, what: string): string {
  return `${what} ${MISTAKES[code].fix}`;
}

/** The catalogue of mistakes in files that no admission can see. docs/errors.md lists it. */
import { MISPLACED } from '../../webhook/workload/misplaced.ts';

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
    fix: 'Correct the field that is named. kubectl explain pod.spec --recursive shows the form of all.',
  },
  ...MISPLACED,
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

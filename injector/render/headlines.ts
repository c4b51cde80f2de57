/**
 * Says in one sentence why a part can not be taken from a value. A declaration in ASCP's own format gets ASCP's words, which its
 * users know and search for. A reference gets plain words about itself and its output.
 */
import type { FailureCode } from '../errors.ts';

/** Says which object is read for which output. */
export type Target = {
  readonly object: string;
  /** The name of the file or variable, which ASCP calls the alias. */
  readonly alias: string;
  /** The output with its kind, like `the file db-password`. */
  readonly output: string;
  /** The reference of the object, without a path. */
  readonly reference: string;
};

export type PartCode = Extract<FailureCode, `ASI_OUT_J${string}`>;

type Headlines = Readonly<Record<PartCode, (path: string, target: Target) => string>>;

/** The words of ASCP. It takes a null for a path that points to nothing. */
export const ASCP_HEADLINES: Headlines = {
  ASI_OUT_JSON: (_path, { object }) => `Invalid JSON used with jmesPath in secret: ${object}.`,
  ASI_OUT_JMES_PATH: (path) => `Invalid JMES Path: ${path}.`,
  ASI_OUT_JMES_MISSING: nothing,
  ASI_OUT_JSON_NULL: nothing,
  ASI_OUT_JMES_TYPE: (path) => `Invalid JMES search result type for path:${path}. Only string is allowed.`,
};

/** Our own words for references. */
export const HEADLINES: Headlines = {
  ASI_OUT_JSON: (path, target) => `${at(path, target)} asks for a part of a value that is not JSON.`,
  ASI_OUT_JMES_PATH: (path, target) => `${at(path, target)} is not valid: what follows # is no JMESPath.`,
  ASI_OUT_JMES_MISSING: (path, target) => `${at(path, target)} points to nothing in the value.`,
  ASI_OUT_JSON_NULL: (path, target) => `${at(path, target)} points to null.`,
  ASI_OUT_JMES_TYPE: (path, target) => `${at(path, target)} points to something that JSON can not hold.`,
};

function nothing(path: string, { alias }: Target): string {
  return `JMES Path - ${path} for object alias - ${alias} does not point to a valid object.`;
}

function at(path: string, { reference, output }: Target): string {
  return `The reference ${reference}#${path} of ${output}`;
}

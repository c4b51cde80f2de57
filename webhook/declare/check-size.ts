/** The limits that bound the work of one declaration: the size of its text, and the number of outputs that it asks for. */
import { CONFIG_LIMIT } from '../../injector/config.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Reading } from './outputs.ts';

/** The API server's own limit for all annotations of an object together; it checks only after the webhooks. */
export const ANNOTATION_BYTES = 256 * 1024;

/** A text and a placeholder of a template have 17 characters in the configuration, `"a",{"object":0},`; other outputs have more. */
const MOST_OUTPUTS = CONFIG_LIMIT / 8;

/** Refuses annotations that are too large together, before any of them is read. The API server would refuse them afterwards. */
export function checkSize(annotations: Readonly<Record<string, string>>): Refusal | undefined {
  let total = 0;
  for (const [name, text] of Object.entries(annotations)) total += Buffer.byteLength(name) + Buffer.byteLength(text);
  if (total <= ANNOTATION_BYTES) return undefined;
  const message =
    `The pod's annotations have ${total} bytes together, and Kubernetes takes no more than ${ANNOTATION_BYTES}: ` +
    'declare fewer objects, put them into a SecretProviderClass, or split the pod.';
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

/** Refuses a pod that declares more files, variables and pieces of templates than any configuration holds. */
export function checkCount({ outputs, searches, templates }: Required<Reading>): Refusal | undefined {
  const parts = templates.reduce((total, template) => total + template.parts.length, 0);
  const count = outputs.length + searches.length + parts;
  if (count <= MOST_OUTPUTS) return undefined;
  const message =
    `The pod declares ${count} files, variables and pieces of templates, and a configuration of ${CONFIG_LIMIT / 1024} KiB ` +
    `holds at most ${MOST_OUTPUTS}: declare fewer.`;
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

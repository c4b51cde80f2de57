/** Whether the annotations fit into an object at all: what bounds the work that any text of theirs can ask for. */
import { type Refusal, refusal } from '../errors.ts';

/** The API server's own limit for all annotations of an object together; it checks only after the webhooks. */
export const ANNOTATION_BYTES = 256 * 1024;

/** Refuses, before any of it is read, what the API server would refuse after. */
export function checkSize(annotations: Readonly<Record<string, string>>): Refusal | undefined {
  let total = 0;
  for (const [name, text] of Object.entries(annotations)) total += Buffer.byteLength(name) + Buffer.byteLength(text);
  if (total <= ANNOTATION_BYTES) return undefined;
  const message =
    `The pod's annotations have ${total} bytes together, and Kubernetes takes no more than ${ANNOTATION_BYTES}: ` +
    'declare fewer objects, put them into a SecretProviderClass, or split the pod.';
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

/** Reads an AdmissionReview about a workload. */
import { anything, exactly, name, objectOf, optional, problemIn, type TypeOf, text } from '../pod/shape.ts';

const envelope = objectOf({
  apiVersion: exactly('admission.k8s.io/v1'),
  kind: exactly('AdmissionReview'),
  request: objectOf({ uid: name, namespace: name, name: optional(text), object: anything }),
});

export type WorkloadRequest = TypeOf<typeof envelope>['request'];

/** The characters in front of a body among which the API server writes the uid of its request. */
const HEAD = 512;

/** Returns the request in a review, or undefined if the body has another form. */
export function parseWorkloadReview(body: unknown): WorkloadRequest | undefined {
  return problemIn(body, envelope, 'review') === undefined ? (body as TypeOf<typeof envelope>).request : undefined;
}

/** Returns the uid of a review of the API server without parsing it, or undefined if the review does not begin with it. */
export function uidIn(body: Buffer): string | undefined {
  return /"uid":"([^"\\]{1,253})"/.exec(body.toString('utf8', 0, HEAD))?.[1];
}

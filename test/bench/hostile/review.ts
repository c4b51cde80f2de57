/** Reviews of hostile pods: an ordinary one with other annotations and another specification. */
import { NAMESPACE } from '../webhook/cluster.ts';
import { reviewOf } from '../webhook/review.ts';

const PREFIX = 'aws-secrets-injector.dev/';

/** Changes of an ordinary pod. Annotations are named without our prefix. */
export type Change = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
};

/** Returns the text of a review of the ordinary pod with these changes. */
export function hostileReview({ annotations = {}, spec = {} }: Change): string {
  const review = JSON.parse(reviewOf(0, false));
  const { object } = review.request;
  for (const [name, value] of Object.entries(annotations)) object.metadata.annotations[PREFIX + name] = value;
  object.metadata.namespace = NAMESPACE;
  Object.assign(object.spec, spec);
  return JSON.stringify(review);
}

/** Returns `count` things, each made of its number. */
export function many<Thing>(count: number, make: (index: number) => Thing): Thing[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Returns as many lines as fit into the annotations of one pod, which Kubernetes limits to 256 KiB. */
export function lines(make: (index: number) => string, bytes = 250_000): string {
  let text = '';
  for (let index = 0; ; index++) {
    const line = `${make(index)}\n`;
    if (text.length + line.length > bytes) return text;
    text += line;
  }
}

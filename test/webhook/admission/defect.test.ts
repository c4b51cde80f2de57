/** Tests that a mistake in the webhook is answered as one, wherever it is. */
import t from 'tap';
import { admit } from '../../../webhook/admission/admit.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import { DB_CLASS, readWorld, reviewOf, settings } from '../support/admission.ts';
import { pod } from '../support/annotated-pod.ts';

const { facts: known } = readWorld(`${DB_CLASS}---\n{}\n`);

/** Returns the value, which fails like a program with a mistake in it when it is read for the `last` time. */
function failingAt<T extends object>(value: T, last: number): { readonly value: T; readonly hasFailed: () => boolean } {
  let reads = 0;
  const failing = (part: object): object =>
    new Proxy(part, {
      get(target, key, receiver) {
        reads += 1;
        if (reads === last) throw new TypeError('a mistake');
        const member = Reflect.get(target, key, receiver);
        return typeof member === 'object' && member !== null ? failing(member) : member;
      },
    });
  return { value: failing(value) as T, hasFailed: () => reads >= last };
}

t.test('calls a defect its own, wherever it strikes', async (t) => {
  const annotations = { 'aws-secrets-injector.dev/secret-provider-class': 'db' };
  const review = parseReview(reviewOf(pod(annotations)));
  if (!review.ok) throw new Error(review.problem);
  let count = 0;
  for (; ; count += 1) {
    const { value, hasFailed } = failingAt(review.request, count + 1);
    const { outcome, reason } = await admit(value, settings, known);
    if (!hasFailed()) break;
    if (outcome !== 'failed' || reason !== 'ASI_ADMIT_INTERNAL') t.fail(`${reason} at read ${count + 1}`);
  }
  t.ok(count > 100, `${count} reads`);
});

/** Tests which bodies of requests are no review of a pod. */
import t from 'tap';
import { parseReview } from '../../../webhook/admission/review.ts';
import { reviewOf } from '../support/admission.ts';
import { FILES, pod } from '../support/annotated-pod.ts';

const malformed: Record<string, unknown> = {
  'a text': 'hello',
  nothing: null,
  'an empty object': {},
  v1beta1: { ...reviewOf(pod()), apiVersion: 'admission.k8s.io/v1beta1' },
  'no uid': reviewOf(pod(), { uid: undefined }),
  'an empty uid': reviewOf(pod(), { uid: '' }),
  'no request': { ...reviewOf(pod()), request: undefined },
  'no namespace': reviewOf(pod(), { namespace: undefined }),
  'a Deployment': reviewOf(pod(), { kind: { group: '', version: 'v1', kind: 'Deployment' } }),
  'a pod that is a text': reviewOf('pod'),
  'a pod that is null': reviewOf(null),
  'a pod without spec': reviewOf({ metadata: {} }),
  'a container that is null': reviewOf(pod(FILES, { containers: [null] })),
  'annotations that are numbers': reviewOf({ ...pod(), metadata: { annotations: { a: 1 } } }),
  'a mount without a path': reviewOf(pod(FILES, { containers: [{ name: 'app', volumeMounts: [{ name: 'x' }] }] })),
};

for (const [name, body] of Object.entries(malformed)) {
  t.test(`cannot read ${name}`, async (t) => {
    const read = parseReview(body);
    t.notOk(read.ok);
    t.ok(!read.ok && read.problem.length > 10);
  });
}

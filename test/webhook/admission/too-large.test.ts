/** Tests that declarations are refused which are too large for a pod. */
import t from 'tap';
import { answerTo } from '../support/admission.ts';
import { pod } from '../support/annotated-pod.ts';

t.test('refuses a declaration that does not fit into a variable', async (t) => {
  const files = Array.from({ length: 10_000 }, (_, index) => `f${index}: app/secret-number-${index}`).join('\n');
  const { review } = await answerTo(pod({ 'aws-secrets-injector.dev/files': files }));
  t.equal(review.response.allowed, false);
  t.match(review.response.status, { code: 422, message: /^ASI_ADMIT_\w+: / });
  t.ok((review.response.status?.message.length ?? 0) < 10_000);
});

t.test('measures the configuration in bytes, as Linux does', async (t) => {
  const files = Array.from({ length: 600 }, (_, index) => `${'密'.repeat(60)}${index}: app/db`).join('\n');
  const { review, reason } = await answerTo(pod({ 'aws-secrets-injector.dev/files': files }));
  t.notOk(review.response.allowed);
  t.equal(reason, 'ASI_ADMIT_TOO_LARGE');
});

t.test('refuses more variables than any pod can hold, before it makes them', async (t) => {
  const env = Array.from({ length: 200 }, (_, index) => `V${index}: app/db#v${index}`).join('\n');
  const containers = Array.from({ length: 500 }, (_, index) => ({ name: `c${index}` }));
  const { review, reason } = await answerTo(pod({ 'aws-secrets-injector.dev/env': env }, { containers }));
  t.equal(reason, 'ASI_ADMIT_TOO_LARGE');
  t.match(review.response.status?.message, /100000 variables/);
});

t.test(
  'refuses annotations that are larger together than the API server takes, and reads those that are not',
  async (t) => {
    const files = 'password: app/db#password';
    const names = ['aws-secrets-injector.dev/files', 'example.com/note'];
    const room = 256 * 1024 - Buffer.byteLength(names.join('') + files);
    const answer = (bytes: number) =>
      answerTo(pod({ 'aws-secrets-injector.dev/files': files, 'example.com/note': 'x'.repeat(bytes) }));
    t.equal((await answer(room)).outcome, 'injected');
    const { review } = await answer(room + 1);
    t.equal(
      review.response.status?.message,
      "ASI_ADMIT_TOO_LARGE: The pod's annotations have 262145 bytes together, and Kubernetes takes no more than 262144: " +
        'declare fewer objects, put them into a SecretProviderClass, or split the pod.',
    );
  },
);

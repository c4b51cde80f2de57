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

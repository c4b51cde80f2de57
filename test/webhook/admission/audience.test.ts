/** The annotation eks.amazonaws.com/audience of the ServiceAccount, as the webhook of EKS reads it. */
import t from 'tap';
import { answerTo, facts, type Json, patched, patchOf, ROLE } from '../support/admission.ts';

type Pod = { spec: { initContainers: { env: { value: string }[] }[]; volumes: { projected: Json }[] } };

const pod = {
  metadata: { annotations: { 'aws-secrets-injector.dev/files': 'password: app/db#password' } },
  spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
};

async function admitted(audience: string | undefined, object: unknown = pod) {
  const role = { roleArn: ROLE, ...(audience !== undefined && { audience }) };
  const { review } = await answerTo(object, {}, undefined, { ...facts, roleOf: async () => role });
  return { review, pod: patched(object as Pod, review) };
}

t.test('the audience of STS, written out, is the same as none', async (t) => {
  t.same((await admitted('sts.amazonaws.com')).pod, (await admitted(undefined)).pod);
});

t.test('a pod that comes again after the annotation was corrected gets the new audience', async (t) => {
  const { pod: before } = await admitted('wrong');
  const { pod: after } = await admitted('right', before);
  t.match(after.spec.volumes.at(-1)?.projected, { sources: [{ serviceAccountToken: { audience: 'right' } }] });
  t.match(after.spec.initContainers[0]?.env[0]?.value, '"audience":"right"');
  t.same(patchOf((await admitted('right', after)).review), []);
});

t.test('an audience that no OIDC provider can have is refused', async (t) => {
  const { review } = await admitted('x'.repeat(256));
  t.match(
    review.response.status?.message,
    /ASI_ADMIT_BAD_ROLE: .*eks\.amazonaws\.com\/audience of service account app .*255/,
  );
});

t.test('a copy with another audience that lost its container is refused', async (t) => {
  const { pod: copy } = await admitted('right');
  const { review } = await answerTo({ ...copy, metadata: {}, spec: { ...copy.spec, initContainers: [] } });
  t.match(review.response.status?.message, 'ASI_ADMIT_STRANDED');
});

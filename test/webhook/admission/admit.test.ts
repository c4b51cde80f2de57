/** Tests which pods are injected, let pass or refused, and what the cluster is asked for each. */
import t from 'tap';
import { admit } from '../../../webhook/admission/admit.ts';
import type { Facts } from '../../../webhook/admission/facts.ts';
import { RESTART_ALL_CONTAINERS, SIDECARS } from '../../../webhook/admission/kubernetes-version.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import { answerTo, facts, type Json, reviewOf, settings } from '../support/admission.ts';
import { FILES, pod } from '../support/annotated-pod.ts';

const SECRET = 'hunter2-in-an-annotation';

t.test('echoes the envelope and the uid', async (t) => {
  const { review } = await answerTo(pod(), { uid: 'its-uid' });
  t.match(review, {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'its-uid', allowed: true, patchType: 'JSONPatch' },
  });
});

const skipped: Record<string, Json> = {
  UPDATE: { operation: 'UPDATE' },
  DELETE: { operation: 'DELETE', object: null },
  'a subresource': { operation: 'CREATE', subResource: 'ephemeralcontainers' },
};

for (const [name, request] of Object.entries(skipped)) {
  t.test(`lets ${name} pass`, async (t) => {
    const { review, reason } = await answerTo(pod(), request);
    t.same(review.response, { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true });
    t.equal(reason, 'not-a-creation');
  });
}

for (const [words, containers] of Object.entries({ 'an empty list': [], null: null, nothing: undefined })) {
  t.test(`leaves a pod with ${words} as its containers to the API server, which refuses it`, async (t) => {
    const { review, reason } = await answerTo(pod(FILES, { containers }));
    t.same(review.response, { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true });
    t.equal(reason, 'no-containers');
  });
}

for (const namespace of ['kube-system', 'aws-secrets-injector']) {
  t.test(`never touches pods of ${namespace}, even annotated ones`, async (t) => {
    const { review, reason } = await answerTo(pod(), { namespace });
    t.ok(review.response.allowed);
    t.notOk(review.response.patch);
    t.equal(reason, 'exempt-namespace');
  });
}

t.test('injects in its own namespace where that is `default`, which it shares with apps', async (t) => {
  const { outcome } = await answerTo(pod(), { namespace: 'default' }, { ...settings, namespace: 'default' });
  t.equal(outcome, 'injected');
});

t.test('goes by the namespace of the request, as a new pod may have none', async (t) => {
  const asked: string[] = [];
  const review = parseReview(reviewOf(pod(), { namespace: 'billing' }));
  if (!review.ok) throw new Error(review.problem);
  await admit(review.request, settings, {
    ...facts,
    roleOf: async (namespace, name) => {
      asked.push(`${namespace}/${name}`);
      return {};
    },
  });
  t.same(asked, ['billing/app']);
});

t.test('asks nothing of the cluster for a pod that declares nothing', async (t) => {
  const review = parseReview(reviewOf(pod({})));
  if (!review.ok) throw new Error(review.problem);
  const never = async () => t.fail('asked') as never;
  const { reason } = await admit(review.request, settings, {
    roleOf: never,
    region: never,
    classOf: never,
    externalSecretOf: never,
    externalSecretsFor: never,
    storeOf: never,
    envFiles: never,
    serverVersion: never,
  });
  t.equal(reason, 'nothing-declared');
});

t.test("asks only for the classes where a pod's CSI volumes are of other providers", async (t) => {
  const csi = { driver: 'secrets-store.csi.k8s.io', volumeAttributes: { secretProviderClass: 'vault' } };
  const object = pod({}, { volumes: [{ name: 'secrets', csi }] });
  const never = async () => {
    throw new Error('ECONNREFUSED');
  };
  const classOf = async () => ({ provider: 'vault', parameters: {}, secretObjects: [] });
  const known = { ...facts, roleOf: never, region: never, classOf, envFiles: never, serverVersion: never };
  const { reason } = await answerTo(object, {}, { ...settings, takeOverCsiVolumes: 'all' }, known);
  t.equal(reason, 'other-provider');
});

t.test('refuses, and says to try again, where the cluster does not answer', async (t) => {
  const review = parseReview(reviewOf(pod()));
  if (!review.ok) throw new Error(review.problem);
  const roleOf = async () => {
    throw new Error('ECONNREFUSED');
  };
  const { review: answer, outcome } = await admit(review.request, settings, { ...facts, roleOf });
  t.equal(outcome, 'failed');
  t.match(answer.response, { allowed: false, status: { code: 503, message: /ASI_ADMIT_NOT_ANSWERING.*Try again/ } });
});

t.test('refuses where no one knows the region', async (t) => {
  const review = parseReview(reviewOf(pod()));
  if (!review.ok) throw new Error(review.problem);
  const answer = await admit(review.request, settings, { ...facts, region: async () => undefined });
  t.match(answer.review.response, { allowed: false, status: { message: /region/ } });
});

t.test('takes the region of the settings before the one of the nodes', async (t) => {
  const answer = await answerTo(pod(), {}, { ...settings, aws: { region: 'ap-south-1' } });
  t.match(Buffer.from(answer.review.response.patch ?? '', 'base64').toString(), 'ap-south-1');
});

t.test('counts the refusals that are too many to show', async (t) => {
  const volumeMounts = [{ name: 'own', mountPath: '/mnt' }];
  const containers = Array.from({ length: 30 }, (_, index) => ({ name: `c${index}`, volumeMounts }));
  const { review, refusals } = await answerTo(pod(FILES, { containers }));
  t.match(review.response.status?.message, /And 20 more\.$/);
  t.equal(refusals?.length, 30);
});

t.test('refuses broken YAML with a sentence that does not show it', async (t) => {
  const { review } = await answerTo(pod({ 'aws-secrets-injector.dev/files': `{ "${SECRET}` }));
  t.equal(review.response.allowed, false);
  t.notMatch(JSON.stringify(review), SECRET);
});

t.test('warns, within what the API server shows, of a container that is not there to stand after', async (t) => {
  const position = `after:${'x'.repeat(63)}`;
  const { review } = await answerTo(pod({ ...FILES, 'aws-secrets-injector.dev/position': position }));
  t.equal(review.response.warnings?.length, 1);
  t.match(review.response.warnings?.[0], /position|after/);
  t.ok((review.response.warnings?.[0]?.length ?? 999) <= 256, 'the API server never cuts it');
});

t.test('asks nothing about nodes where no variable is delivered by them', async (t) => {
  const envFiles = async () => t.fail('asked') as never;
  t.equal((await answerTo(pod(), {}, settings, { ...facts, envFiles })).outcome, 'injected');
});

for (const [restart, needed] of Object.entries({ container: SIDECARS, pod: RESTART_ALL_CONTAINERS })) {
  t.test(`asks for a server as new as rotation-restart: ${restart} needs`, async (t) => {
    const asked: unknown[] = [];
    const serverVersion: Facts['serverVersion'] = async (wanted) => {
      asked.push(wanted);
      return { major: 1, minor: 37 };
    };
    const rotating = {
      'aws-secrets-injector.dev/rotation': '1h',
      'aws-secrets-injector.dev/rotation-restart': restart,
    };
    await answerTo(pod({ ...FILES, ...rotating }), {}, settings, { ...facts, serverVersion });
    t.same(asked, [needed]);
  });
}

/** Pods that are larger than any cluster could start: refused in one sentence where they declare something, else let pass. */
import t from 'tap';
import { admit } from '../../../webhook/admission/admit.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import { encodePatch } from '../../../webhook/pod/encode-patch.ts';
import type { PatchOperation } from '../../../webhook/pod/patch.ts';
import { answerTo, facts, type Json, patchOf, reviewOf, settings } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';
import { stepsOf } from '../support/steps.ts';

const FILES = { files: 'a: app/db' };

function podOf(annotations: Record<string, string>, spec: Json, metadata: Json = {}): Json {
  return {
    metadata: { annotations: annotationsOf(annotations), ...metadata },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }], ...spec },
  };
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const named = (count: number) => times(count, (index) => ({ name: `n${index}` }));
const mounts = (count: number) => times(count, (index) => ({ name: 'data', mountPath: `/data/${index}` }));
const devices = (count: number) => times(count, (index) => ({ name: 'data', devicePath: `/dev/${index}` }));
const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'c' } };
const job = { apiVersion: 'batch/v1', kind: 'Job' };

type Bound = { readonly most: number; readonly what: string; readonly make: (count: number) => Json };

const bounds: Record<string, Bound> = {
  containers: { most: 1000, what: 'containers', make: (count) => podOf(FILES, { containers: named(count) }) },
  'init containers': {
    most: 1000,
    what: 'containers',
    make: (count) => podOf(FILES, { initContainers: named(count - 1) }),
  },
  volumes: { most: 1000, what: 'volumes', make: (count) => podOf(FILES, { volumes: named(count) }) },
  'CSI volumes': {
    most: 100,
    what: 'volumes of the Secrets Store CSI driver',
    make: (count) => podOf({ inject: 'true' }, { volumes: named(count).map((volume) => ({ ...volume, csi })) }),
  },
  mounts: {
    most: 10_000,
    what: 'volume mounts',
    make: (count) => podOf(FILES, { containers: [{ name: 'app', volumeMounts: mounts(count) }] }),
  },
  'mounts and devices of several containers': {
    most: 10_000,
    what: 'volume mounts',
    make: (count) =>
      podOf(FILES, {
        containers: [{ name: 'app', volumeMounts: mounts(5000) }],
        initContainers: [{ name: 'init', volumeDevices: devices(count - 5000) }],
      }),
  },
  variables: {
    most: 10_000,
    what: 'variables',
    make: (count) => podOf(FILES, { containers: [{ name: 'app', env: named(count) }] }),
  },
  'imports and variables': {
    most: 10_000,
    what: 'variables',
    make: (count) =>
      podOf(FILES, { containers: [{ name: 'app', env: named(5000), envFrom: times(count - 5000, () => ({})) }] }),
  },
  owners: {
    most: 100,
    what: 'owner references',
    make: (count) => podOf(FILES, {}, { ownerReferences: times(count, () => job) }),
  },
};

for (const [name, { most, what, make }] of Object.entries(bounds)) {
  t.test(`refuses a pod with one more than ${most} ${what}: ${name}`, async (t) => {
    const { review } = await answerTo(make(most + 1));
    t.match(review.response, { allowed: false, status: { code: 422 } });
    t.equal(
      review.response.status?.message,
      `ASI_ADMIT_POD_TOO_LARGE: The pod has ${most + 1} ${what}, and the injector takes no more than ${most}: ` +
        'split the pod, or start it without secrets by aws-secrets-injector.dev/inject: "false".',
    );
  });

  t.test(`reads a pod with ${most} ${what}: ${name}`, async (t) => {
    t.not((await answerTo(make(most))).reason, 'ASI_ADMIT_POD_TOO_LARGE');
  });
}

t.test('lets a pod pass that declares nothing, however large it is', async (t) => {
  const containers = times(25_000, (index) => ({ name: `c${index}`, env: [{ name: 'A' }], volumeMounts: mounts(1) }));
  const { review, reason } = await answerTo({ metadata: {}, spec: { containers, volumes: named(25_000) } });
  t.equal(reason, 'nothing-declared');
  t.ok(review.response.allowed);
});

t.test('looks a few times at each part of a pod that declares nothing', async (t) => {
  const pod = { metadata: {}, spec: { containers: named(5000), volumes: named(5000) } };
  const steps = await stepsOf(reviewOf(pod), async (review) => {
    const read = parseReview(review);
    if (read.ok) await admit(read.request, settings, facts);
  });
  t.ok(steps < 30 * 10_000, `${steps} steps for 10,000 parts`);
});

t.test('refuses an injection that makes the pod larger than Kubernetes can store, before it is a text', async (t) => {
  const path = `/${'x'.repeat(200)}`.repeat(20);
  const { review } = await answerTo(podOf({ ...FILES, 'mount-path': path }, { containers: named(1000) }));
  t.match(review.response.status, {
    code: 422,
    message:
      /^ASI_ADMIT_POD_TOO_LARGE: .*1\.5 MiB .* name fewer containers in \S+\/containers, or choose a shorter \S+\/mount-path\.$/,
  });
  t.notOk(review.response.patch);
});

t.test('makes no operation behind the one that makes the patch too large', (t) => {
  let made = 0;
  function* endless(): Generator<PatchOperation> {
    for (;;) {
      made += 1;
      yield { op: 'add', path: '/a', value: 'x'.repeat(1024) };
    }
  }
  t.equal(encodePatch(endless()), 'too-large');
  t.ok(made <= 1536, `${made} operations of 1 KiB`);
  t.end();
});

t.test('shows no more warnings than the API server does', async (t) => {
  const containers = times(200, (index) => ({ name: `c${index}`, env: [{ name: 'A', value: 'own' }] }));
  const { warnings = [] } = (await answerTo(podOf({ env: 'A: app/db#a' }, { containers }))).review.response;
  const shown = warnings.length - 1;
  t.ok(shown > 10);
  t.ok(warnings.join('').length <= 4096);
  t.equal(warnings.at(-1), `and ${200 - shown} more warnings`);
});

t.test('injects into as many containers as it takes', async (t) => {
  const { review } = await answerTo(podOf(FILES, { containers: named(1000) }));
  t.ok(patchOf(review).length > 1000);
});

const million = new Array(1_000_000).fill(1);
const wrong: Record<string, [unknown, string]> = {
  'a million containers that are numbers': [
    reviewOf(podOf(FILES, { containers: million })),
    'not a pod: object.spec.containers.0: expected an object',
  ],
  'a million variables that are numbers': [
    reviewOf(podOf(FILES, { containers: [{ name: 'app' }, { name: 'b', env: million }] })),
    'not a pod: object.spec.containers.1.env.0: expected an object',
  ],
  'a million numbers in place of a review': [million, 'not an AdmissionReview v1: review: expected an object'],
  'a million numbers in place of a request': [
    { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: million },
    'not an AdmissionReview v1: review.request: expected an object',
  ],
};

t.test('cannot read a review whose uid is longer than any, as the answer repeats it', async (t) => {
  const read = parseReview(reviewOf(podOf(FILES, {}), { uid: 'x'.repeat(254) }));
  t.same(read, { ok: false, problem: 'not an AdmissionReview v1: review.request.uid: expected 1 to 253 characters' });
});

t.test('reads no label but those that it needs', async (t) => {
  const labels = Object.fromEntries(times(5000, (index) => [`label-${index}`, 'x']));
  const steps = await stepsOf(reviewOf(podOf(FILES, {}, { labels })), (review) => t.ok(parseReview(review).ok));
  t.ok(steps < 500, `${steps} steps`);
});

for (const [name, [body, problem]] of Object.entries(wrong)) {
  t.test(`stops at the first problem of ${name}`, async (t) => {
    const steps = await stepsOf(Object(body), (review) => t.same(parseReview(review), { ok: false, problem }));
    t.ok(steps < 200, `${steps} steps`);
  });
}

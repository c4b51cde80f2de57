/** Tests what a hostile pod may try: sizes in bytes, slow patterns, and text that deceives on a terminal. */
import t from 'tap';
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { parseReview } from '../../webhook/admission/review.ts';
import { parseMountPath } from '../../webhook/declare/values.ts';
import { answerTo, facts, reviewOf, settings } from './support/admission.ts';
import { annotationsOf } from './support/annotations.ts';

const BIDI = '\u202e';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function pod(annotations: Record<string, string>, spec: Record<string, unknown> = {}): unknown {
  return {
    metadata: { annotations: annotationsOf(annotations) },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }], ...spec },
  };
}

async function messageOf(object: unknown): Promise<string> {
  const { review } = await answerTo(object);
  return review.response.status?.message ?? '';
}

t.test('the limit of the configuration counts bytes, as Linux does, not characters', async (t) => {
  const name = '日'.repeat(60);
  const files = Array.from({ length: 520 }, (_, index) => `${name}${index}: app1/db`).join('\n');
  t.ok(files.length < CONFIG_LIMIT / 2, 'few enough characters');
  t.match(await messageOf(pod({ files })), /^ASI_ADMIT_TOO_LARGE: /);
});

t.test('a mount path of slashes is read in linear time', (t) => {
  // Quadratic time would be hours here, and run into the test's own limit.
  t.match(parseMountPath(`/a${'/'.repeat(2 ** 21)}x`), { ok: false });
  t.strictSame(parseMountPath(`/a${'/'.repeat(2 ** 21)}`), { ok: true, value: '/a' });
  t.match(parseMountPath('/'.repeat(2 ** 21)), { ok: false, problem: /root folder/ });
  t.end();
});

t.test('a mount of the app with a path of slashes is compared in linear time', async (t) => {
  const volumeMounts = [{ name: 'data', mountPath: `/${'/'.repeat(2 ** 21)}x` }];
  const { outcome } = await answerTo(pod({ files: 'a: app1/db' }, { containers: [{ name: 'app', volumeMounts }] }));
  t.equal(outcome, 'injected');
});

for (const mountPath of [
  'mnt/secrets-store',
  '/mnt//secrets-store',
  '/mnt/./secrets-store/',
  '/mnt/x/../secrets-store/y',
]) {
  t.test(`a mount of the app at ${mountPath} collides with ours, as the kubelet reads it`, async (t) => {
    const containers = [{ name: 'app', volumeMounts: [{ name: 'data', mountPath }] }];
    t.match(await messageOf(pod({ files: 'a: app1/db' }, { containers })), /^ASI_ADMIT_PATH_TAKEN: /);
  });
}

const named = (name: string) => ({
  containers: [{ name, volumeMounts: [{ name: 'v', mountPath: `/mnt/secrets-store/${name}` }] }],
});
const hostile: Record<string, unknown> = {
  'a file that nobody can read': pod({ files: `"a${BIDI}b": app1/db`, 'file-permission': '0600' }),
  "a container's name and mount": pod({ files: 'a: app1/db' }, named(`x${BIDI}\u0007${'y'.repeat(9000)}`)),
  'containers that are not named': pod(
    { files: 'a: app1/db', containers: 'other' },
    { containers: Array.from({ length: 500 }, (_, index) => ({ name: `${BIDI}c${index}` })) },
  ),
  'a ServiceAccount': pod({ files: 'a: app1/db' }, { serviceAccountName: `x${BIDI}\n${'y'.repeat(9000)}` }),
};

for (const [what, object] of Object.entries(hostile)) {
  t.test(`the refusal of ${what} is short and holds no invisible character`, async (t) => {
    const message = await messageOf(object);
    t.match(message, /^ASI_ADMIT_/);
    t.notMatch(message, INVISIBLE);
    t.ok(message.length < 1000, `${message.length} characters`);
  });
}

t.test('a refused review is quoted without its invisible characters', (t) => {
  const kind = { group: '', version: 'v1', kind: `X${BIDI}\u0007${'y'.repeat(9000)}` };
  const odd = {
    metadata: { annotations: { [`x${BIDI}${'y'.repeat(9000)}`]: 5 } },
    spec: { containers: [{ name: 'app' }] },
  };
  for (const review of [reviewOf({}, { kind }), reviewOf(odd)]) {
    const read = parseReview(review);
    const problem = read.ok ? '' : read.problem;
    t.match(problem, /^(not a pod|only pods)/);
    t.notMatch(problem, INVISIBLE);
    t.ok(problem.length < 500);
  }
  t.end();
});

const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ objectName: 'a', key: `k${index}` }));

t.test('a class with as many secretObjects as etcd holds is refused before they are read', async (t) => {
  let reads = 0;
  const data = keys(40_000).map((entry) => ({
    ...entry,
    get key() {
      reads += 1;
      return entry.key;
    },
  }));
  const known = {
    provider: 'aws',
    parameters: { objects: '- {objectName: a, objectType: secretsmanager}' },
    secretObjects: [{ secretName: 's', type: 'Opaque', data }],
  };
  const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'c' } };
  const volumes = Array.from({ length: 100 }, (_, index) => ({ name: `v${index}`, csi }));
  const containers = [{ name: 'app', envFrom: [{ secretRef: { name: 's' } }] }];
  const { review } = await answerTo(pod({ inject: 'true' }, { volumes, containers }), {}, settings, {
    ...facts,
    classOf: async () => known,
  });
  t.match(review.response.status?.message, /^ASI_ADMIT_TOO_LARGE: volume v0 /);
  // Their lengths are read when the class comes from the cache, and when it comes from the API server.
  t.ok(reads <= 2 * data.length, `${reads} reads`);
});

t.test('a class with as many keys as are read is answered for in linear time', async (t) => {
  const known = {
    provider: 'aws',
    parameters: { objects: '- {objectName: a, objectType: secretsmanager}' },
    secretObjects: [{ secretName: 's', type: 'Opaque', data: keys(6_000) }],
  };
  const containers = [{ name: 'app', envFrom: [{ secretRef: { name: 's' } }] }];
  const { review } = await answerTo(pod({ 'secret-provider-class': 'c' }, { containers }), {}, settings, {
    ...facts,
    classOf: async () => known,
  });
  t.match(review.response.status?.message, /^ASI_ADMIT_TOO_LARGE: The 1 declared objects /);
});

t.test('a pod with more annotations than Kubernetes takes is refused before they are read', async (t) => {
  const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x${index}`, 'y']));
  t.match(await messageOf(pod(unknown)), /^ASI_ADMIT_TOO_LARGE: The pod's annotations have 308890 bytes together, /);
});

t.test('the limit of the annotations counts those of others too, in bytes', async (t) => {
  const other = (bytes: number) => ({
    ...Object(pod({ files: 'a: app1/db' })),
    metadata: { annotations: { ...annotationsOf({ files: 'a: app1/db' }), other: '日'.repeat(bytes / 3) } },
  });
  t.match(await messageOf(other(262_101)), /^ASI_ADMIT_TOO_LARGE: The pod's annotations /);
  t.equal(await messageOf(other(262_098)), '');
});

t.test('a pod that declares nothing passes, whatever else its annotations hold', async (t) => {
  const { outcome } = await answerTo({
    metadata: { annotations: { other: 'x'.repeat(300_000) } },
    spec: { containers: [{ name: 'app' }] },
  });
  t.equal(outcome, 'skipped');
});

t.test('the first of many unknown annotations are shown, and that there are more', async (t) => {
  const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 'y']));
  const message = await messageOf(pod(unknown));
  t.equal(message.match(/ASI_ADMIT_UNKNOWN_ANNOTATION/g)?.length, 10);
  t.match(message, / And 11 more\.$/);
});

t.test('as many files as the limit of YAML lets through fit the configuration', async (t) => {
  const files = Array.from({ length: 2800 }, (_, index) => `f${index}: a`).join('\n');
  const { outcome } = await answerTo(pod({ files }));
  t.equal(outcome, 'injected');
});

t.test('a container with our name and a larger configuration than ours ever is, is not read', async (t) => {
  const value = `{"version":1,"namespace":"${'x'.repeat(CONFIG_LIMIT)}"}`;
  const initContainers = [{ name: 'aws-secrets-injector', env: [{ name: 'AWS_SECRETS_INJECTOR_CONFIG', value }] }];
  t.match(await messageOf(pod({ files: 'a: app1/db' }, { initContainers })), /^ASI_ADMIT_NAME_TAKEN: /);
});

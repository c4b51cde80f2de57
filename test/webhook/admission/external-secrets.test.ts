/** Tests how admission asks the cluster for ExternalSecrets. The fixtures in test/fixtures/pods/external-secrets show what becomes of pods. */
import t from 'tap';
import type { External, Facts } from '../../../webhook/admission/facts.ts';
import { answerTo, facts, type Json, patched, settings } from '../support/admission.ts';

const STORE: External = { spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-west-1' } } } };

function secret(more: Json = {}): External {
  return { spec: { secretStoreRef: { name: 'aws' }, dataFrom: [{ extract: { key: 'shop/db' } }], ...more } };
}

const POD = {
  metadata: { annotations: { 'aws-secrets-injector.dev/external-secret': 'db' } },
  spec: {
    serviceAccountName: 'app',
    containers: [
      { name: 'app', env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] },
    ],
  },
};

const answerWith = (known: Partial<Facts>, pod: object = POD) => answerTo(pod, {}, settings, { ...facts, ...known });

t.test('reads an ExternalSecret live before it refuses a pod for it', async (t) => {
  const asked: boolean[] = [];
  const { outcome } = await answerWith({
    storeOf: async () => STORE,
    async externalSecretOf(_namespace, _name, live) {
      asked.push(live);
      return live ? secret() : undefined;
    },
  });
  t.equal(outcome, 'injected');
  t.same(asked, [false, true]);
});

t.test('reads a store live before it refuses a pod for it', async (t) => {
  const { outcome } = await answerWith({
    externalSecretOf: async () => secret(),
    storeOf: async (_kind, _namespace, _name, live) => (live ? STORE : { spec: {} }),
  });
  t.equal(outcome, 'injected');
});

t.test('asks once for a pod that is injected', async (t) => {
  let asked = 0;
  await answerWith({
    storeOf: async () => STORE,
    async externalSecretOf() {
      asked += 1;
      return secret();
    },
  });
  t.equal(asked, 1);
});

t.test('refuses, and says to try again, where the cluster does not answer', async (t) => {
  const { outcome } = await answerWith({ externalSecretOf: () => Promise.reject(new Error('timeout')) });
  t.equal(outcome, 'failed');
});

t.test('reads no more stores than a bounded number, and refuses a pod with more', async (t) => {
  let asked = 0;
  const data = Array.from({ length: 500 }, (_, index) => ({
    secretKey: `k${index}`,
    remoteRef: { key: 'shop/db' },
    sourceRef: { storeRef: { name: `s${index}` } },
  }));
  const { review } = await answerWith({
    externalSecretOf: async () => secret({ data }),
    async storeOf() {
      asked += 1;
      return STORE;
    },
  });
  t.match(review.response.status?.message, /name more than 16 stores/);
  t.equal(asked, 32, '16 of the cache and 16 live');
});

t.test('refuses an object that is too long to be read', async (t) => {
  const tooLong: External = { spec: undefined, isTooLong: true };
  const { review } = await answerWith({ externalSecretOf: async () => tooLong, storeOf: async () => STORE });
  t.match(review.response.status?.message, /ExternalSecret db is too long/);
});

t.test('refuses a store that is too long to be read', async (t) => {
  const tooLong: External = { spec: undefined, isTooLong: true };
  const { review } = await answerWith({ externalSecretOf: async () => secret(), storeOf: async () => tooLong });
  t.match(review.response.status?.message, /the SecretStore aws has no counterpart: it is too long to be read/);
});

t.test('leaves the pod that came in as it is, so that the patch has every change', async (t) => {
  const pod = structuredClone(POD);
  const known = { externalSecretOf: async () => secret(), storeOf: async () => STORE };
  const { review } = await answerWith(known, pod);
  t.same(pod, POD);
  t.notMatch(JSON.stringify(patched(pod, review)), /secretKeyRef/);
});

t.test(
  'refuses a reference that another webhook adds after the first pass, as the annotations are there already',
  async (t) => {
    const known = { externalSecretOf: async () => secret(), storeOf: async () => STORE };
    const { review } = await answerWith(known);
    const injected = patched(POD, review) as typeof POD;
    const [app] = POD.spec.containers;
    const later = {
      ...injected,
      spec: { ...injected.spec, containers: [...injected.spec.containers, { ...app, name: 'late' }] },
    };
    const second = await answerWith(known, later);
    t.match(
      second.review.response.status?.message,
      /ASI_ADMIT_EXTERNAL_SECRET: external-secret: another webhook added a reference to the Secret after/,
    );
  },
);

t.test(
  'writes its warnings into the status of the pod, as nobody sees those of pods that a controller creates',
  async (t) => {
    const auth = { jwt: { serviceAccountRef: { name: 'reader', namespace: 'external-secrets' } } };
    const { review } = await answerWith({
      externalSecretOf: async () => secret(),
      storeOf: async () => ({ spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-west-1', auth } } } }),
    });
    const [warning = ''] = review.response.warnings ?? [];
    t.match(warning, /as the ServiceAccount external-secrets\/reader/);
    const status = `injected; warnings: ${warning}`;
    t.match(patched(POD, review).metadata.annotations, { 'aws-secrets-injector.dev/status': status });
    t.equal(review.response.warnings?.length, 1);
  },
);

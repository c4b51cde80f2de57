/** Tests CA bundles: one that makes the configuration too large is named, and one in a ConfigMap is mounted. */
import t from 'tap';
import { answerTo, type Json, patched, patchOf, settings } from '../support/admission.ts';

const CONFIG_MAP = { caBundleConfigMap: { name: 'corporate-ca', key: 'bundle.pem' } };
const certificates = (bytes: number) => '-----BEGIN CERTIFICATE-----\n'.padEnd(bytes, 'MIIB');

type Pod = { spec: { volumes: Json[]; initContainers: Json[] } };

function pod(files = 'password: app/db#password'): Json {
  return {
    metadata: { annotations: { 'aws-secrets-injector.dev/files': files } },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
  };
}

t.test('a configuration that is too large because of aws.caBundle says so', async (t) => {
  const aws = { caBundle: certificates(108 * 1024) };
  const { review } = await answerTo(pod(), {}, { ...settings, aws });
  t.match(
    review.response.status?.message,
    /The configuration would have more than 96 KiB, because the chart value aws\.caBundle has 108 KiB: whoever .* aws\.caBundleConfigMap for it\.$/,
  );
  t.notMatch(review.response.status?.message, 'declare fewer');
});

t.test('one that is too large without the bundle is due to what is declared', async (t) => {
  const files = Array.from({ length: 1500 }, (_, index) => `f${index}: a/rather/long/name/of/a/secret/${index}`).join(
    '\n',
  );
  const { review } = await answerTo(pod(files), {}, { ...settings, aws: { caBundle: certificates(1024) } });
  t.match(
    review.response.status?.message,
    /: The 1500 declared objects make a configuration of more than 96 KiB: declare fewer\.$/,
  );
  t.notMatch(review.response.status?.message, 'caBundle');
});

t.test("a ConfigMap's volume with the defaults of the API server is left as it is", async (t) => {
  const chart = { ...settings, aws: CONFIG_MAP };
  const first = patched(pod() as unknown as Pod, (await answerTo(pod(), {}, chart)).review);
  for (const { configMap, projected } of first.spec.volumes)
    Object.assign(configMap ?? projected ?? {}, { defaultMode: 420 });
  t.same(patchOf((await answerTo(first, {}, chart)).review), []);
});

t.test('a pod that was injected before loses the volume when the chart no longer names a ConfigMap', async (t) => {
  const first = patched(pod() as unknown as Pod, (await answerTo(pod(), {}, { ...settings, aws: CONFIG_MAP })).review);
  const { spec } = patched(first, (await answerTo(first)).review);
  t.notMatch(JSON.stringify(spec), 'aws-secrets-ca');
});

t.test('a copied pod gets another ConfigMap than the one that it claims', async (t) => {
  const chart = { ...settings, aws: CONFIG_MAP };
  const first = patched(pod() as unknown as Pod, (await answerTo(pod(), {}, chart)).review);
  for (const volume of first.spec.volumes) if (volume['configMap']) volume['configMap'] = { name: 'others' };
  const { spec } = patched(first, (await answerTo(first, {}, chart)).review);
  t.match(
    spec.volumes.find(({ name }) => name === 'aws-secrets-ca'),
    { configMap: { name: 'corporate-ca' } },
  );
});
